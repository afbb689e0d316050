"""Servers on loopback that end with the test run, however it ends.

Each has a process group of its own, so that Ctrl-C reaches only pytest, which then ends them in order. When pytest itself is
killed, the kernel kills them (Linux, with util-linux's `setpriv`).
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

LOG_TAIL = 3000
PORTS = (20_000, 32_000)  # Linux connects from 32768 on


def free_port() -> int:
    """A port of 127.0.0.1 that nothing uses, below those that the kernel gives to connections: one of them could take it before the
    server does."""
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def running(
    command: Sequence[str | Path],
    log: Path,
    *,
    ready: Callable[[], bool] | None = None,
    timeout_s: float = 60,
    environment: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A server from the moment `ready()` says so; its output goes to `log`, `environment` is added to ours.

    A server that ends or is not ready in time fails the test with the end of its log.
    """
    server = start(command, log, environment=environment)
    try:
        if ready:
            wait_until_ready(server, log, ready, timeout_s)
        yield server
    finally:
        stop(server)


def start(command: Sequence[str | Path], log: Path, *, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a server without waiting; whoever starts one stops it. It ends with the thread that called, too: the kernel sees threads."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [*_dying_with_us(), *command],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
        )


def wait_until_ready(server: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool], timeout_s: float = 60) -> None:
    """Wait for a server somebody started."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        ended = server.poll() is not None
        if ended or time.monotonic() > deadline:
            what = f"ended with {server.returncode}" if ended else f"was not ready after {timeout_s:.0f} s"
            pytest.fail(f"{log.stem} {what}; the end of its log:\n{tail(log)}")
        time.sleep(0.05)


def stop(server: subprocess.Popen[bytes]) -> None:
    """End the whole group at once: nobody needs what it would save on its way out, and who pressed Ctrl-C is waiting."""
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def listens(port: int) -> Callable[[], bool]:
    """A `ready` for servers that are ready once they listen."""

    def ready() -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return ready


def tail(log: Path) -> str:
    """The end of a log, for messages."""
    return log.read_text(errors="replace")[-LOG_TAIL:]


def _dying_with_us() -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
