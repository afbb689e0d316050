"""Pods run restricted, and namespaces make the API server insist on it.

A privileged pod, or one with the node's network, disk or processes, reads what other pods hold. Namespaces enforce Pod Security
`restricted`; those of GPU drivers and node exporters cannot, and say `privileged` or `baseline` openly on themselves.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from blueprint.facts import Resource, Unknown
from blueprint.kubernetes import TEMPLATES, Container, block, containers, listed, pod_spec
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved

ENFORCE = "pod-security.kubernetes.io/enforce"
LEVELS = ("restricted", "baseline", "privileged")
FROM_THE_NODE = ("hostNetwork", "hostPID", "hostIPC")
NEXT = "take it out, or move the pod to a namespace that says `privileged` and holds nothing else"


@rule(
    "R17",
    "pods run under Pod Security restricted",
    looks_at=["k8s.Namespace", *TEMPLATES],
    basis="Art. 32 GDPR",
    controls=["C5:2020 OPS-23", "ISO 27001:2022 8.9", "CIS K8s 5.2"],
    severity="MEDIUM",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Namespaces for their label, workloads for what they ask of the node."""
    if not scope.regulated:
        return
    found = list(_namespace(resource) if resource.type == "k8s.Namespace" else _workload(resource))
    yield from found or [passes(resource)]


def _namespace(namespace: Resource) -> Iterator[Verdict]:
    labels = namespace.first("metadata.labels")
    level = labels.get(ENFORCE) if isinstance(labels, Mapping) else labels
    path = f"metadata.labels.{ENFORCE}"
    if isinstance(level, Unknown):
        yield unresolved(namespace, path, level, "restricted")
    elif level not in LEVELS:
        why = "the API server lets any pod into this namespace"
        yield fails(namespace, path, level or "no label", why, ", ".join(LEVELS), "add the label")


def _workload(workload: Resource) -> Iterator[Verdict]:
    if _excepted(workload):
        return
    path, spec = pod_spec(workload)
    for key in FROM_THE_NODE:
        if spec.get(key):
            why = f"{key} shows the pod what belongs to the node and its neighbours"
            yield fails(workload, f"{path}.{key}", spec[key], why, "false", NEXT)
    for index, volume in enumerate(listed(spec.get("volumes"))):
        if isinstance(volume, Mapping) and "hostPath" in volume:
            why = "the pod sees the node's disk, and on it other pods' data"
            yield fails(workload, f"{path}.volumes[{index}].hostPath", volume["hostPath"], why, "emptyDir or a claim", NEXT)
    for container in containers(workload):
        yield from _container(workload, container, block(spec.get("securityContext")))


def _container(workload: Resource, container: Container, pod: Mapping[str, Any]) -> Iterator[Verdict]:
    """What Pod Security `restricted` asks of a container."""
    context = block(container.spec.get("securityContext"))
    dropped = listed(block(context.get("capabilities")).get("drop"))
    broken = {
        ("privileged", "true", "false", "a privileged container owns its node"): context.get("privileged"),
        ("allowPrivilegeEscalation", "not false", "false", "a process may gain rights it was not given"): context.get(
            "allowPrivilegeEscalation", True
        ),
        ("runAsNonRoot", "not true", "true", "the container may run as root"): not context.get("runAsNonRoot", pod.get("runAsNonRoot")),
        ("capabilities.drop", "not ALL", "[ALL]", "the container keeps rights over the kernel"): "ALL" not in dropped,
    }
    for (key, found, allowed, why), is_broken in broken.items():
        if is_broken:
            yield fails(workload, f"{container.path}.securityContext.{key}", found, why, allowed, NEXT)


def _excepted(workload: Resource) -> bool:
    """Whether the workload's namespace, in the same bundle, openly asks for less than restricted."""
    name = workload.first("metadata.namespace")
    spaces = [space for space in (workload.facts.of("k8s.Namespace") if workload.facts else ()) if space.first("metadata.name") == name]
    return any(block(space.first("metadata.labels")).get(ENFORCE) in ("baseline", "privileged") for space in spaces)
