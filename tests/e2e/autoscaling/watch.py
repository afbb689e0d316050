"""Follows objects of one kind: each change is told as it happens, with the object as the API server sends it."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from tests.e2e.harness.cluster import Cluster
from tests.e2e.harness.tools import tool
from tests.modules.platform import Object

Told = Callable[[str, Object], None]


@contextmanager
def watching(cluster: Cluster, kind: str, namespace: str, tell: Told) -> Iterator[None]:
    """Calls `tell(event, object)` from a thread of its own; an event is ADDED, MODIFIED or DELETED."""
    command = [str(tool("kubectl")), "get", kind, f"--namespace={namespace}", "--watch", "--output-watch-events", "--output=json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=cluster.environment) as process:
        assert process.stdout is not None
        reader = threading.Thread(target=_follow, args=(process.stdout, tell), daemon=True)
        reader.start()
        try:
            yield
        finally:
            process.terminate()
            reader.join()


def _follow(lines: IO[str], tell: Told) -> None:
    for line in lines:
        event = json.loads(line)
        tell(event["type"], event["object"])
