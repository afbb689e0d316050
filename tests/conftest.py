"""What all tests share: the day."""

from datetime import date

import pytest

from blueprint import upgrades


@pytest.fixture(autouse=True)
def _a_day_when_everything_we_ship_is_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that tests do not begin to see warnings when a version's support comes to its end."""
    monkeypatch.setattr(upgrades, "today", lambda: date(2026, 11, 21))
