"""Wall time and peak memory of a process and everything it starts."""

import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
EVERY_SECONDS = 0.02
MIB = 2**20


@dataclass(frozen=True)
class Run:
    """`peak_mib` sums the resident memory of the process tree, pages shared counted in each; 0 where /proc is missing."""

    seconds: float
    peak_mib: float


def measure(app: str, environment: str, count: int, python: str) -> Run:
    """Run one of `apps` in a fresh folder, with that interpreter."""
    with tempfile.TemporaryDirectory() as folder:
        command = [python, "-m", "benchmarks.synth.apps", app, f"{folder}/out", environment, str(count)]
        started = time.perf_counter()
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            peak = _Peak(process.pid)
            code = process.wait()
            seconds = time.perf_counter() - started
            peak.stop()
    if code:
        raise SystemExit(f"{app} failed with exit code {code}; its message is above")
    return Run(seconds, peak.highest / MIB)


def missing(module: str, python: str) -> str:
    """Why an interpreter cannot import a module; empty if it can."""
    asked = f"import sys, importlib.util; sys.exit(importlib.util.find_spec({module!r}) is None)"
    try:
        done = subprocess.run([python, "-c", asked], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        return f"{python} does not start: {error.strerror}"
    return f"{python} has no {module}" if done.returncode else ""


class _Peak(threading.Thread):
    """Looks at a process tree every 20 ms and keeps the highest sum."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.highest = 0
        self._pid = pid
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            self.highest = max(self.highest, _resident(self._pid))

    def stop(self) -> None:
        self._over.set()
        self.join()


def _resident(pid: int) -> int:
    """Bytes resident in a process and its descendants (proc(5): statm counts pages of 4 KiB on the platforms we run on)."""
    process = Path(f"/proc/{pid}")
    try:
        pages = int((process / "statm").read_text().split()[1])
        children = [int(child) for task in (process / "task").iterdir() for child in (task / "children").read_text().split()]
    except (OSError, IndexError):
        return 0
    return pages * 4096 + sum(map(_resident, children))
