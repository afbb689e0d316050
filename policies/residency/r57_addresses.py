"""Every address a workload is told lies inside the zone.

A region says where a pod runs, not whom it calls. Each URL and host in manifests, in charts' values and in the documents inside
them is a destination; where nobody knows who answers there, that is unresolved.
"""

import re
from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.places import Place, residual
from blueprint.policy import Scope, Verdict, passes, rule
from blueprint.whereabouts import Residence, Role
from blueprint.whereabouts.kubernetes import whereabouts
from blueprint.whereabouts.verdicts import verdict

SIGN_IN = re.compile(r"(?i)issuer|oidc|oauth|auth_?url|token_?url|jwks|authority")
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
        if _signs_in(residence, scope):
            yield passes(resource, residence.path, residence.found)
        else:
            yield verdict(resource, residence, scope, "content", ALLOWED)
    if not named:
        yield passes(resource)


def _signs_in(residence: Residence, scope: Scope) -> bool:
    """Whether users sign in where the cloud's own identities are, which a zone with that cloud cannot do without."""
    place = residence.place
    named = isinstance(place, Place) and residual(residence.found) and SIGN_IN.search(residence.path)
    return bool(named) and isinstance(place, Place) and scope.zone.accepts_operator(place.jurisdiction)
