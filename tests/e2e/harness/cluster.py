"""A Kubernetes cluster of genuine processes: etcd, API server, controller manager and scheduler; kwok plays the kubelets.

kwok marks pods Running without running anything. Everything lies in one temporary folder and listens on free ports of
127.0.0.1; nothing is read from or written to the home directory.
"""

import json
import os
import ssl
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.e2e.harness import pki
from tests.e2e.harness.control_plane import api_server, controller_manager, etcd, kubelets, scheduler
from tests.e2e.harness.processes import free_port
from tests.e2e.harness.tools import tool

Object = dict[str, Any]
Found = TypeVar("Found")
TOKEN = "administrator"
POLL_SECONDS = 0.25


class Refused(Exception):
    """kubectl ended with an error; the message is what it said."""


class Cluster:
    """A running cluster: `with Cluster.start() as cluster: ...`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.server = f"https://127.0.0.1:{port}"
        self.kubeconfig = folder / "kubeconfig"
        self.logs = folder / "logs"

    @classmethod
    @contextmanager
    def start(cls, *, controller_manager_flags: Sequence[str] = ()) -> Iterator["Cluster"]:
        """Start a control plane without nodes; on the way out everything ends and the folder goes.

        `controller_manager_flags` come after ours, such as `--horizontal-pod-autoscaler-sync-period=5s`.
        """
        for name in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "kubectl"):
            tool(name)
        with tempfile.TemporaryDirectory(prefix="cluster-", ignore_cleanup_errors=True) as folder, ExitStack() as servers:
            cluster = cls(Path(folder), free_port())
            cluster.logs.mkdir()
            keys = pki.write(cluster.folder / "pki")
            cluster._write_kubeconfig(keys)
            database = servers.enter_context(etcd(cluster.folder, cluster.logs))
            servers.enter_context(api_server(cluster.folder, cluster.logs, cluster.server, keys, TOKEN, database, cluster._is_ready(keys)))
            servers.enter_context(controller_manager(cluster.logs, cluster.kubeconfig, keys, controller_manager_flags))
            servers.enter_context(scheduler(cluster.logs, cluster.kubeconfig))
            servers.enter_context(kubelets(cluster.folder, cluster.logs, cluster.kubeconfig))
            yield cluster

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the real kubectl as administrator.

        Raises:
            Refused: it ended with an error, unless `check` is off.
        """
        command: list[str | Path] = [
            tool("kubectl"),
            f"--kubeconfig={self.kubeconfig}",
            f"--cache-dir={self.folder / 'kubectl'}",
            *arguments,
        ]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=self.environment)
        if check and done.returncode:
            raise Refused(done.stderr.strip())
        return done

    @property
    def environment(self) -> dict[str, str]:
        """For programs beside us that talk to the cluster; none of them finds its way home."""
        home = {"HOME": str(self.folder), "KUBECONFIG": str(self.kubeconfig), "KUBECTL_KUBERC": "false"}
        return {"PATH": os.environ.get("PATH", ""), **home}

    def get(self, kind: str, name: str | None = None, namespace: str | None = None) -> Object:
        """An object, or a List of all of a kind (without a namespace: of all namespaces); {} where a named one is not there."""
        place = [f"--namespace={namespace}"] if namespace else ["--all-namespaces"] if name is None else []
        done = self.kubectl("get", kind, *([name] if name else []), *place, "--ignore-not-found", "--output=json")
        found: Object = json.loads(done.stdout) if done.stdout.strip() else {}
        return found

    def items(self, kind: str, namespace: str | None = None) -> list[Object]:
        """All objects of a kind."""
        found: list[Object] = self.get(kind, namespace=namespace).get("items", [])
        return found

    def apply(self, objects: Sequence[Mapping[str, Any]]) -> subprocess.CompletedProcess[str]:
        """Server-side apply, as field manager `e2e`; warnings are in the result's stderr."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        return self.kubectl("apply", "--server-side", "--field-manager=e2e", "--filename=-", stdin=json.dumps(listed))

    def wait_for(self, description: str, predicate: Callable[[], Found], timeout_s: float) -> Found:
        """What `predicate` returns once it is true; after `timeout_s` the test fails with the latest events."""
        deadline = time.monotonic() + timeout_s
        while not (found := predicate()):
            if time.monotonic() > deadline:
                pytest.fail(f"not after {timeout_s:.0f} s: {description}\n" + "\n".join(self._latest_events()))
            time.sleep(POLL_SECONDS)
        return found

    def events(self, namespace: str | None = None) -> list[Object]:
        """Events, oldest first."""
        return sorted(self.items("events", namespace), key=_time_of)

    def _latest_events(self) -> list[str]:
        return [
            f"  {item['involvedObject']['kind']} {item['involvedObject'].get('namespace', '')}/{item['involvedObject']['name']}: "
            f"{item.get('reason', '')}: {item.get('message', '')}"
            for item in self.events()[-15:]
        ]

    def _write_kubeconfig(self, keys: pki.Pki) -> None:
        """JSON is YAML too."""
        cluster = {"server": self.server, "certificate-authority": str(keys.certificate("ca"))}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "e2e",
            "clusters": [{"name": "e2e", "cluster": cluster}],
            "users": [{"name": "administrator", "user": {"token": TOKEN}}],
            "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": "administrator"}}],
        }
        self.kubeconfig.write_text(json.dumps(content, indent=1))

    def _is_ready(self, keys: pki.Pki) -> Callable[[], bool]:
        def ready() -> bool:
            request = urllib.request.Request(f"{self.server}/readyz", headers={"Authorization": f"Bearer {TOKEN}"})
            try:
                with urllib.request.urlopen(request, timeout=5, context=ssl.create_default_context(cafile=keys.certificate("ca"))):
                    return True
            except OSError:
                return False

        return ready


def _time_of(event: Object) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"]["creationTimestamp"])
