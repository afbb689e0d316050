"""Real servers on loopback for tests: an S3 service (versitygw) and an OCI registry (go-containerregistry's).

`make servers` builds them (modules.txt) into .tools; they are looked for there, or in $BLUEPRINT_TOOLS, and on PATH. A test that
finds none is skipped and says so.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BUILT = Path(__file__).parents[2] / ".tools"


def program(name: str) -> str:
    """The path of a program, or a skipped test."""
    folders = os.pathsep.join(filter(None, (os.environ.get("BLUEPRINT_TOOLS", str(BUILT)), os.environ.get("PATH"))))
    found = shutil.which(name, path=folders)
    if found is None:
        pytest.skip(f"{name} is not built; `make servers` does that where Go is installed")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(command: list[str], port: int, log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server, once it listens; its output goes to `log`."""
    with log.open("wb") as output:
        server = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_for(port, server, log)
        yield server
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"{server.args!r} did not start:\n{log.read_text(errors='replace')[-2000:]}")
