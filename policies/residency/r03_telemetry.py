"""Logs, metrics, traces and alerts stay in the zone.

What a service logs holds what it was asked: prompts, names, addresses. A diagnostic setting sends it to a workspace in any region
or to a partner's service, an action group works in Azure's global region by default, an exporter has a host of its own, and charts
and manifests name receivers and collectors.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, passes, rule
from blueprint.whereabouts import Role, kubernetes
from blueprint.whereabouts.verdicts import TERRAFORM, verdict, verdicts


@rule(
    "R03",
    "logs, metrics and alerts are sent to places inside the zone",
    looks_at=[*TERRAFORM, "k8s.*"],
    basis="Art. 5(1)(c), 44 GDPR",
    controls=["C5:2020 OPS-12", "C5:2020 OPS-14", "ISO 27001:2022 8.15", "ISO 27001:2022 5.34", "NIST 800-53r5 AU-4", "NIST 800-53r5 AU-9"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every sink the resource writes to."""
    if resource.type != "helm_release" and not resource.type.startswith("k8s."):
        yield from verdicts(resource, scope, Role.telemetry)
        return
    sinks = [residence for residence in kubernetes.whereabouts(resource) if residence.role is Role.telemetry]
    yield from [verdict(resource, sink, scope) for sink in sinks] or [passes(resource)]
