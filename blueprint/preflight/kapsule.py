"""What Scaleway must offer before a Kapsule environment. Quotas have no command: the console shows them (Organization, Quotas).

Shapes of the answers: scaleway-cli v2 prints the API's own JSON with `--output json`.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from blueprint.environment import Environment, Kapsule
from blueprint.preflight.check import Check, Verdict
from blueprint.preflight.common import content


def sign_in(env: Environment) -> Check:
    """The check all others lean on."""
    return _scw(
        "project",
        "everything is created in it",
        ("account", "project", "get", f"project-id={_cluster(env).project}"),
        lambda answer: Verdict(bool(answer["id"]), f"{answer['name']} ({answer['id']})"),
        "scw init, or SCW_ACCESS_KEY, SCW_SECRET_KEY and SCW_DEFAULT_PROJECT_ID",
    )


def checks(env: Environment, account: Any) -> Iterator[Check]:
    """All checks but the sign-in."""
    cluster = _cluster(env)
    yield _scw(
        "sizes",
        "a size that is out of stock, or not sold in the zone, cannot be created there",
        ("instance", "server-type", "list", f"zone={cluster.zone}"),
        partial(_offered, sorted({pool.instance for pool in (cluster.system_pool, *cluster.gpu_pools.values())})),
        "choose another size or zone, or reserve capacity with Scaleway",
    )
    yield _scw(
        "Kubernetes version",
        "the cluster is created with it",
        ("k8s", "version", "list", f"region={cluster.region}"),
        partial(_version, cluster.kubernetes_version),
        "choose another cluster.kubernetes_version",
    )
    yield _scw(
        "registry content",
        "nodes pull every image and Helm every chart from it",
        ("registry", "image", "list", f"region={cluster.region}"),
        lambda answer: content(env, [image["name"] for image in answer]),
        f"blueprint images lock {env.name}, review and commit it, then blueprint images mirror {env.name}",
        layer="platform",
    )


def _cluster(env: Environment) -> Kapsule:
    assert isinstance(env.cluster, Kapsule)
    return env.cluster


def _scw(name: str, reason: str, command: tuple[str, ...], judge: Any, next: str, layer: Any = "foundation") -> Check:
    return Check(name, reason, ("scw", *command, "--output", "json"), judge, next, layer)


def _offered(sizes: list[str], answer: Any) -> Verdict:
    stock = {item["name"]: item["availability"] for item in answer}
    said = [f"{size} {stock.get(size, 'not sold here')}" for size in sizes]
    return Verdict(all(stock.get(size) in ("available", "scarce") for size in sizes), ", ".join(said))


def _version(wanted: str, answer: Any) -> Verdict:
    offered = sorted({".".join(item["name"].split(".")[:2]) for item in answer})
    return Verdict(wanted in offered, f"offered: {', '.join(offered)}")
