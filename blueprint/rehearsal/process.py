"""Runs a child process so that nothing of it outlives us."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PATIENCE_SECONDS = 15


def run(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], on_line: Callable[[str], None]) -> int:
    """Run a command, hand over its lines as they come, and return its exit code.

    The child has a session of its own: Ctrl-C reaches only us, and whatever ends us early ends it and its children first.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as child:
        try:
            for line in child.stdout or ():
                on_line(line.rstrip("\n"))
            return child.wait()
        finally:
            if child.poll() is None:
                _end(child)


def _end(child: subprocess.Popen[str]) -> None:
    """Ask politely, as Terraform then finishes what it is doing; after that, end the whole group."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not stop the tidying up
    child.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        child.wait(PATIENCE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
