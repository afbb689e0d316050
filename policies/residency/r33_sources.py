"""Images and weights come from inside the zone.

A cache rule pulls through from a public registry whenever somebody asks for an image: the registry abroad learns what runs here,
decides whether it starts, and may answer with other bytes. Mirror what is needed into the zone and pin it.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, rule
from blueprint.whereabouts import Role
from blueprint.whereabouts.verdicts import TERRAFORM, verdicts


@rule(
    "R33",
    "images and weights are taken from inside the zone",
    looks_at=TERRAFORM,
    basis="Art. 32 GDPR",
    controls=["C5:2020 PSS-11", "C5:2020 DEV-07", "ISO 27001:2022 5.21", "NIST 800-53r5 SR-3"],
    severity="MEDIUM",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every place images, builds and weights are pulled from."""
    yield from verdicts(resource, scope, Role.source)
