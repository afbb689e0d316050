"""kwok says that a pod runs, and runs nothing. The bridge starts one inference simulator for every Running vLLM pod, tells
Prometheus about it with the labels that the model's PodMonitor would give it, and stops it when its pod goes.

A simulator answers real HTTP under vLLM's metric names, and holds as many requests at once as the pod's own flags allow.
"""

import json
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.e2e.harness import processes
from tests.e2e.harness.tools import tool
from tests.modules.platform import Object

# One request takes this long, so that requests in flight are what the load says and not how fast this machine is.
ANSWER_SECONDS = 2


@dataclass
class Replica:
    """A pod and the simulator behind it. Times are `time.time()`; `ready` stays None until it answers."""

    pod: str
    model: str
    labels: Mapping[str, str]
    port: int
    process: subprocess.Popen[bytes]
    running: float = field(default_factory=time.time)
    ready: float | None = None
    open_requests: int = 0


class Bridge:
    """`tell` takes the events of a watch on pods. `replicas` maps pods to what serves behind them, `pretend` models to values that
    their simulators report whatever they do (the simulator's own names)."""

    def __init__(self, folder: Path) -> None:
        self.targets = folder / "targets.json"
        self.replicas: dict[str, Replica] = {}
        self.pretend: dict[str, Mapping[str, float]] = {}
        self._folder = folder
        self._unseen: set[str] = set()
        self._lock = threading.RLock()
        self._write_targets()

    def tell(self, event: str, pod: Object) -> None:
        metadata = pod["metadata"]
        name = metadata["name"]
        running = event != "DELETED" and "deletionTimestamp" not in metadata and pod["status"].get("phase") == "Running"
        with self._lock:
            if running and name not in self.replicas:
                self.replicas[name] = self._start(pod)
            elif not running and name in self.replicas:
                _end(self.replicas.pop(name))
            self._write_targets()

    def of(self, model: str) -> list[Replica]:
        """The replicas of a model that answer."""
        with self._lock:
            return [replica for replica in self.replicas.values() if replica.model == model and replica.ready]

    def hide(self, model: str) -> None:
        """Prometheus loses this model's pods, as when a monitor or a network policy breaks."""
        with self._lock:
            self._unseen.add(model)
            self._write_targets()

    def show(self, model: str) -> None:
        with self._lock:
            self._unseen.discard(model)
            self._write_targets()

    def close(self) -> None:
        with self._lock:
            for replica in self.replicas.values():
                _end(replica)
            self.replicas.clear()

    def _start(self, pod: Object) -> Replica:
        flags, port = _flags(pod), processes.free_port()
        name = flags["served-model-name"]
        told = [f"--fake-metrics={json.dumps(self.pretend[name])}"] if name in self.pretend else []
        command = [str(tool("llm-d-inference-sim")), f"--port={port}", *_simulated(flags), *told]
        process = processes.start(command, self._folder / f"{pod['metadata']['name']}.log")
        replica = Replica(pod["metadata"]["name"], name, _scraped_as(pod), port, process)
        threading.Thread(target=_await, args=(replica,), daemon=True).start()
        return replica

    def _write_targets(self) -> None:
        """Prometheus reads the file as soon as it is replaced."""
        seen = [replica for replica in self.replicas.values() if replica.model not in self._unseen]
        groups = [{"targets": [f"127.0.0.1:{replica.port}"], "labels": dict(replica.labels)} for replica in seen]
        draft = self.targets.with_suffix(".draft")
        draft.write_text(json.dumps(groups))
        draft.replace(self.targets)


def _flags(pod: Object) -> dict[str, str]:
    """What `vllm serve` would be told."""
    arguments = (argument.removeprefix("--").partition("=") for argument in pod["spec"]["containers"][0]["args"])
    return {name: value for name, _, value in arguments}


def _simulated(flags: Mapping[str, str]) -> Sequence[str]:
    """The same promises in the simulator's words: vLLM counts running and waiting together, the simulator what waits."""
    running, in_house = int(flags["max-num-seqs"]), int(flags["max-num-queued-reqs"])
    return [
        f"--model={flags['served-model-name']}",
        f"--max-model-len={flags['max-model-len']}",
        f"--max-num-seqs={running}",
        f"--max-waiting-queue-length={in_house - running}",
        f"--time-to-first-token={ANSWER_SECONDS}s",
    ]


def _scraped_as(pod: Object) -> Mapping[str, str]:
    """The labels that the Prometheus Operator's relabelling gives a pod's series (prometheus-operator, pkg/prometheus/promcfg.go)."""
    metadata, container = pod["metadata"], pod["spec"]["containers"][0]
    monitor = metadata["labels"]["app.kubernetes.io/instance"]
    return {
        "job": f"{metadata['namespace']}/{monitor}",
        "namespace": metadata["namespace"],
        "pod": metadata["name"],
        "container": container["name"],
        "endpoint": container["ports"][0]["name"],
    }


def _end(replica: Replica) -> None:
    """At once; draining is the business of vLLM's own shutdown."""
    replica.process.kill()
    replica.process.wait()


def _await(replica: Replica) -> None:
    while replica.process.poll() is None and not replica.ready:
        try:
            requests.get(f"http://127.0.0.1:{replica.port}/health", timeout=1).raise_for_status()
            replica.ready = time.time()
        except requests.RequestException:
            time.sleep(0.1)
