"""What an existing cluster must be before an on-premises environment: reachable, ours to administer, as the contract says.

Shapes of the answers: the Kubernetes API's own objects, as `kubectl --output json` prints them.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from blueprint.environment import Environment, Onprem
from blueprint.preflight.check import Check, Verdict
from blueprint.preflight.common import private_names

GPU = "nvidia.com/gpu"


def sign_in(env: Environment) -> Check:
    """The check all others lean on."""
    return _kubectl(
        env,
        "cluster",
        "everything is installed in it; its version must be the one validated",
        ("version",),
        partial(_version, env.cluster.kubernetes_version),
        "correct cluster.access or cluster.kubernetes_version; with cluster.access.exec, point KUBECONFIG at the cluster",
    )


def checks(env: Environment, account: Any) -> Iterator[Check]:
    """All checks but the first."""
    cluster = env.cluster
    assert isinstance(cluster, Onprem)
    yield Check(
        "rights",
        "charts bring cluster-wide objects",
        (*_program(env), "auth", "can-i", "*", "*", "--all-namespaces"),
        lambda answer: Verdict(answer.strip() == "yes", f"may do everything: {answer.strip()}"),
        "ask for the role cluster-admin",
        text=True,
    )
    yield _kubectl(
        env,
        "nodes",
        "nodes that are not ready run nothing, and the models need the GPUs that cluster.gpu_pools promises",
        ("get", "nodes"),
        partial(_nodes, _gpus(cluster)),
        "mend the nodes named, or correct cluster.gpu_pools",
    )
    yield _kubectl(
        env,
        "storage class",
        "Prometheus keeps volumes of cluster.storage_class",
        ("get", "storageclasses"),
        partial(_storage, cluster.storage_class),
        "install it, or name another under cluster.storage_class",
    )
    yield from private_names(_hosts(cluster))


def _gpus(cluster: Onprem) -> int:
    return sum(pool.max * cluster.node_types[pool.instance].gpus for pool in cluster.gpu_pools.values())


def _hosts(cluster: Onprem) -> list[str]:
    """Every service of the contract, by host."""
    vault = cluster.secret_store.vault
    addresses = [f"//{cluster.registry}", cluster.object_store.endpoint, f"//{cluster.database.host}", *([vault.server] if vault else [])]
    return [str(urlsplit(address).hostname) for address in addresses]


def _program(env: Environment) -> tuple[str, ...]:
    """kubectl, led to the cluster as Helm will be."""
    assert isinstance(env.cluster, Onprem)
    access = env.cluster.access
    kubeconfig = ("--kubeconfig", str(Path(access.kubeconfig).expanduser())) if access.kubeconfig else ()
    return ("kubectl", *kubeconfig, *(("--context", access.context) if access.context else ()))


def _kubectl(env: Environment, name: str, reason: str, command: tuple[str, ...], judge: Any, next: str) -> Check:
    return Check(name, reason, (*_program(env), *command, "--output", "json"), judge, next)


def _version(wanted: str, answer: Any) -> Verdict:
    server = answer["serverVersion"]["gitVersion"]
    return Verdict(server.startswith(f"v{wanted}."), f"server {server}, {wanted} wanted")


def _nodes(wanted: int, answer: Any) -> Verdict:
    """GPUs show only once a device plugin runs: none at all is no contradiction before the first deploy."""
    waiting = [item["metadata"]["name"] for item in answer["items"] if not _is_ready(item)]
    gpus = sum(int(item["status"]["allocatable"].get(GPU, 0)) for item in answer["items"])
    said = f"{len(answer['items'])} nodes, {gpus} GPUs, {wanted} wanted" if gpus else f"{len(answer['items'])} nodes, no GPU shows yet"
    ok = bool(answer["items"]) and not waiting and (gpus == 0 or gpus >= wanted)
    return Verdict(ok, f"{said}, not ready: {', '.join(waiting)}" if waiting else said)


def _is_ready(node: Any) -> bool:
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in node["status"]["conditions"])


def _storage(wanted: str, answer: Any) -> Verdict:
    classes = sorted(item["metadata"]["name"] for item in answer["items"])
    return Verdict(wanted in classes, f"{wanted} wanted, found {', '.join(classes) or 'none'}")
