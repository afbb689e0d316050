"""Traffic is decrypted inside the zone, and private paths end there.

Front Door, content delivery networks and edge services end TLS at points of presence all over the world: prompts are in clear text
there. Peered networks, private endpoints and circuits carry them on without a region in sight; both ends are judged.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, rule
from blueprint.whereabouts import Role
from blueprint.whereabouts.verdicts import TERRAFORM, verdicts


@rule(
    "R27",
    "edges, peerings and private links stay inside the zone",
    looks_at=TERRAFORM,
    basis="Art. 44, 32 GDPR",
    controls=["C5:2020 COS-06", "C5:2020 COS-08", "ISO 27001:2022 5.14", "ISO 27001:2022 8.20", "NIST 800-53r5 AC-4", "NIST 800-53r5 SC-7"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every place traffic is handed to."""
    yield from verdicts(resource, scope, Role.transit)
