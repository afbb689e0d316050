"""However a run ends, nothing of it goes on: no process, no port, no file; and the next run works at once."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.harness.processes import listens

ROOT = Path(__file__).parents[2]
RUN = """
import time
from pathlib import Path
from tests.e2e.harness.cluster import Cluster

def test_a_run(tmp_path):
    (tmp_path / "a file").touch()
    with Cluster.start() as cluster:
        cluster.kubectl("get", "namespaces")
        Path("{ready}").touch()
        time.sleep({seconds})
"""
# As `make e2e` runs it: a pytest that hands the tests to a worker.
WORKERS = ["--numprocesses=1", "--dist=loadfile", "--override-ini=tmp_path_retention_policy=failed"]


@dataclass(frozen=True)
class Run:
    """A pytest of its own whose home and temporary files can be counted."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def servers(self) -> dict[int, str]:
        """Process id → command line of every server of this run; all are told of a file in its temporary folder."""
        return {number: command for number, command in self.processes.items() if self._temporary in command}

    @property
    def processes(self) -> dict[int, str]:
        """All of this run: servers, pytest, its workers and whatever they started."""
        return dict(_processes_with(self._temporary))

    @property
    def left(self) -> list[str]:
        """Files in the temporary folder and at home; pytest leaves a folder and a link to nothing."""
        found = (path for name in ("tmp", "home") for path in (self.folder / name).rglob("*"))
        return [str(path) for path in found if not path.is_dir() and not path.is_symlink()]

    @property
    def _temporary(self) -> str:
        return str(self.folder / "tmp")


def _processes_with(text: str) -> Iterator[tuple[int, str]]:
    """Those that have a text in their command line or environment."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (
                (entry / name).read_bytes().replace(b"\0", b" ").decode(errors="replace") for name in ("cmdline", "environ")
            )
        except OSError:
            continue
        if text in command or text in environment:
            yield int(entry.name), command


def begin(folder: Path, seconds: int) -> Run:
    for name in ("tmp", "home"):
        (folder / name).mkdir(parents=True)
    file = folder / "test_run.py"
    file.write_text(RUN.format(ready=folder / "ready", seconds=seconds))
    options = ["-p", "tests.e2e.conftest", "-p", "no:cacheprovider", f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}", "-q"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    places = {"TMPDIR": str(folder / "tmp"), "XDG_CACHE_HOME": _cache(), "HOME": str(folder / "home")}
    command = [sys.executable, "-m", "pytest", *options, *WORKERS, str(file)]
    return Run(folder, subprocess.Popen(command, cwd=ROOT, env={**environment, **places}, stdout=subprocess.DEVNULL, process_group=0))


def _cache() -> str:
    """Where the tools are, seen from a home that is empty."""
    return os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")


def until_ready(run: Run) -> None:
    deadline = time.monotonic() + 90
    while not (run.folder / "ready").exists():
        assert run.process.poll() is None, "the run ended before its cluster was ready"
        assert time.monotonic() < deadline, "the run's cluster was not ready in 90 s"
        time.sleep(0.1)


def listening(ports: set[int]) -> set[int]:
    return {port for port in ports if listens(port)()}


def to_all(run: Run, number: signal.Signals) -> None:
    """As a terminal does with Ctrl-C: pytest and its workers hear it."""
    os.killpg(run.process.pid, number)


def to_one(run: Run, number: signal.Signals) -> None:
    """As `kill` does: only the pytest that was started hears it."""
    run.process.send_signal(number)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("number", "send"),
    [(signal.SIGINT, to_all), (signal.SIGTERM, to_one), (signal.SIGKILL, to_one)],
    ids=["Ctrl-C", "SIGTERM", "SIGKILL"],
)
def test_a_run_that_is_stopped_leaves_nothing_behind(
    number: signal.Signals, send: Callable[[Run, signal.Signals], None], tmp_path: Path
) -> None:
    run = begin(tmp_path / "stopped", seconds=600)
    until_ready(run)
    servers = run.servers
    ports = {int(port) for command in servers.values() for port in re.findall(r"(?:127\.0\.0\.1:|-port=)(\d+)", command)}
    assert len(servers) == 5
    assert listening(ports) == ports
    send(run, number)
    run.process.wait(60)
    deadline = time.monotonic() + 30
    while (run.processes or listening(ports)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (run.processes, listening(ports)) == ({}, set())
    if number != signal.SIGKILL:  # who is killed cannot tidy up files
        assert run.left == []
    again = begin(tmp_path / "again", seconds=0)
    assert again.process.wait(120) == 0
    assert (again.processes, again.left) == ({}, [])
