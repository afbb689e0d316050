"""What the tests on a real control plane share."""

import shutil
import signal
from collections.abc import Generator
from pathlib import Path
from types import FrameType

import pytest

HERE = Path(__file__).parent
# Two workers share the files (`make e2e`); one that is busy for minutes had better begin early.
LONG = [HERE / f"test_{name}.py" for name in ("autoscaling", "whole_way", "scheduling")]
NOTE = "note"


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


# SIGTERM ends pytest as Ctrl-C does: what runs is stopped in order.
signal.signal(signal.SIGTERM, _stop)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
    items.sort(key=lambda item: LONG.index(item.path) if item.path in LONG else len(LONG))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Generator[None]:
    """After Ctrl-C nothing stays; after a failure the temporary files do."""
    yield
    if exitstatus == pytest.ExitCode.INTERRUPTED:
        shutil.rmtree(session.config._tmp_path_factory.getbasetemp(), ignore_errors=True)  # type: ignore[attr-defined]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests have to say besides that they passed (`record_property("note", ...)`)."""
    reports = (report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind))
    for text in (str(value) for report in reports if report.when == "call" for name, value in report.user_properties if name == NOTE):
        terminalreporter.write_line(text)
