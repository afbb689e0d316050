"""Every address a workload is told lies inside the zone.

A region says where a pod runs, not whom it calls. Each URL and host in manifests, in charts' values and in the documents inside
them is a destination; where nobody knows who answers there, that is unresolved.
"""

from collections.abc import Iterator

from blueprint.facts import Resource, Unknown
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.whereabouts import Role
from blueprint.whereabouts.kubernetes import whereabouts

ALLOWED = "hosts of the cluster, of the private network, and services inside the zone"


@rule(
    "R57",
    "addresses named by workloads are inside the zone",
    looks_at=["k8s.*", "helm_release"],
    basis="Art. 44 GDPR",
    controls=["C5:2020 PSS-12", "C5:2020 COS-08", "ISO 27001:2022 5.14"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Sinks of telemetry are R03's; everything else is looked at here."""
    named = [residence for residence in whereabouts(resource) if residence.role is not Role.telemetry]
    for residence in named:
        if isinstance(residence.place, Unknown):
            yield unresolved(resource, residence.path, residence.place, ALLOWED, residence.next)
        elif not (answer := scope.answer(residence.place)).allowed:
            yield fails(resource, residence.path, residence.found, answer.why, ALLOWED, residence.next)
        else:
            yield passes(resource, residence.path, residence.found)
    if not named:
        yield passes(resource)
