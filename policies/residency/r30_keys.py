"""Encryption keys are held inside the zone.

Whoever holds the key holds the data. A vault in another region, or one outside the stack that nobody can place, undoes the region
of what it encrypts.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, rule
from blueprint.whereabouts import Role
from blueprint.whereabouts.verdicts import TERRAFORM, verdicts


@rule(
    "R30",
    "encryption keys are held inside the zone",
    looks_at=TERRAFORM,
    basis="Art. 32, 44 GDPR",
    controls=["C5:2020 CRY-04", "ISO 27001:2022 8.24", "NIST 800-53r5 SC-12"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every key the resource names."""
    yield from verdicts(resource, scope, Role.key)
