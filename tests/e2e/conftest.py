"""What the tests on a real control plane share."""

import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import FrameType

import pytest

from tests.e2e.harness import bundle
from tests.e2e.harness.bundle import Bundle

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session", autouse=True)
def _being_told_to_stop_tidies_up() -> Iterator[None]:
    """SIGTERM ends pytest as Ctrl-C does: what runs is stopped in order."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Bundle]:
    """The bundle of an environment, applied on stand-ins once per session."""

    @cache
    def found(name: str) -> Bundle:
        return bundle.of(name, tmp_path_factory.mktemp(f"bundle-{name}"))

    return found
