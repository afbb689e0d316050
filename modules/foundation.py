"""What must be there before anything is installed: namespaces that deny everything by default, the flows they are allowed,
what the API server refuses in them, and the priorities models run with."""

from collections.abc import Mapping, Sequence
from typing import Any

from blueprint.environment import Environment
from modules import admission, network_policies, static_logins
from modules.clusters.base import API_CALLER, ARTIFACTS_WRITER, WEIGHTS_READER, Cluster
from modules.manifests import Object, bundle
from modules.manifests.objects import resource
from modules.resources.engine import Added, Part

REALTIME = "inference-realtime"
BATCH = "inference-batch"

# Namespaces of our own; those of add-ons come with the add-ons.
OURS = {account.namespace: "restricted" for account in (WEIGHTS_READER, API_CALLER, ARTIFACTS_WRITER)}


def lay(scope: Part, cluster: Cluster, addon_namespaces: Mapping[str, str]) -> list[Added[Any]]:
    """One release in kube-system, which every cluster has; after it the logins pods need from their first minute, if any."""
    levels = {**addon_namespaces, **OURS}
    objects = [
        *(namespace(name, level, cluster.env) for name, level in sorted(levels.items())),
        *network_policies.policies(cluster, sorted(levels)),
        *priorities(),
        *static_logins.policy(cluster),
        *admission.policies(cluster),
    ]
    base = bundle(scope, cluster, "foundation", "kube-system", objects)
    return static_logins.install(scope, cluster, sorted(levels), [base])


def namespace(name: str, level: str, env: Environment) -> Object:
    """A namespace that admits only pods of this Pod Security level and says which data may be in it."""
    security = {f"pod-security.kubernetes.io/{mode}": level for mode in ("enforce", "audit", "warn")}
    residency = {"data-residency": env.data_residency.zone, "data-class": env.data_residency.data_class}
    return resource("v1", "Namespace", name, labels={**security, **residency})


def priorities() -> Sequence[Object]:
    """People waiting come before jobs: a realtime model evicts a batch model for its GPU, a batch model evicts nobody."""
    return [
        resource(
            "scheduling.k8s.io/v1",
            "PriorityClass",
            REALTIME,
            value=100_000,
            description="Models that answer people; evicts batch models when GPUs are short.",
        ),
        resource(
            "scheduling.k8s.io/v1",
            "PriorityClass",
            BATCH,
            value=1_000,
            preemptionPolicy="Never",
            description="Models that work through jobs on what is left; never evicts anyone.",
        ),
    ]
