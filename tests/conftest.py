"""What all tests share: the day, and that Ctrl-C means something."""

import signal
from datetime import date

import pytest

from blueprint import upgrades

# A shell that starts us in the background has SIGINT ignored, and so would every program whose interruption is tested.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _a_day_when_everything_we_ship_is_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that tests do not begin to see warnings when a version's support comes to its end."""
    monkeypatch.setattr(upgrades, "today", lambda: date(2026, 11, 21))
