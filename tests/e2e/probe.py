"""Whether this machine can run these tests: there is room for several control planes, and one starts and runs a pod in time.

python -m tests.e2e.probe [room]      ends with 3 and a line why where it cannot; `room` starts nothing
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.harness.cluster import Cluster

CANNOT = 3
CORES, MEMORY_GIB = 2, 5
PATIENCE_S = 30  # two quiet cores take seven
CGROUPS = Path("/sys/fs/cgroup")
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe", "namespace": "default"}}
NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "probe"}}
ROOM = {"cpu": "1", "memory": "1Gi", "pods": "1"}
SPEC = {"containers": [{"name": "probe", "image": "none"}], "automountServiceAccountToken": False}


def main(arguments: Sequence[str]) -> int:
    """0 where the tests can run."""
    reason = _no_room() or ("" if "room" in arguments else _too_slow())
    if reason:
        print(f"Tests on a control plane cannot run here: {reason}")
    return CANNOT if reason else 0


def _no_room() -> str:
    cores, memory = min(_cores()), min(_memory_gib())
    enough = cores >= CORES and memory >= MEMORY_GIB
    return "" if enough else f"{cores:.1f} cores and {memory:.1f} GiB of free memory; they want {CORES} and {MEMORY_GIB}"


def _too_slow() -> str:
    started = time.monotonic()
    try:
        _run_a_pod()
    except (OSError, pytest.fail.Exception, pytest.skip.Exception) as reason:
        return str(reason)
    seconds = time.monotonic() - started
    return "" if seconds <= PATIENCE_S else f"one pod took {seconds:.0f} s to run; tests that watch the clock want it in {PATIENCE_S}"


def _run_a_pod() -> None:
    with Cluster.start() as cluster:
        cluster.apply([{**NODE, "status": {"capacity": ROOM, "allocatable": ROOM}}])
        cluster.wait_for("pods can be made", lambda: cluster.get("serviceaccount", "default", "default"), 2 * PATIENCE_S)
        cluster.apply([{**POD, "spec": SPEC}])
        cluster.wait_for("a pod runs", lambda: cluster.get("pod", "probe", "default")["status"]["phase"] == "Running", 2 * PATIENCE_S)


def _cores() -> Iterator[float]:
    """What the kernel gives us, and what a container is held to."""
    yield len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):  # not in a container, or `max`
        quota, period = (CGROUPS / "cpu.max").read_text().split()
        yield int(quota) / int(period)


def _memory_gib() -> Iterator[float]:
    """Free, and what a container is held to; no limit where nobody says."""
    yield float("inf")
    with suppress(OSError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        yield from (int(line.split()[1]) / 2**20 for line in lines if line.startswith("MemAvailable:"))
    with suppress(OSError, ValueError):
        yield int((CGROUPS / "memory.max").read_text()) / 2**30


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
