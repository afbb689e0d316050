"""Users sign in inside the zone.

An identity provider sees who uses what, when and from where. Google, GitHub, Okta or Auth0 see it under the law of the United
States. Entra ID is Azure's own control plane, which Azure cannot do without: a documented residual, not judged here.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, rule
from blueprint.whereabouts import Role
from blueprint.whereabouts.verdicts import TERRAFORM, verdicts


@rule(
    "R32",
    "users sign in at identity providers inside the zone",
    looks_at=TERRAFORM,
    basis="Art. 28, 44 GDPR",
    controls=["C5:2020 IDM-09", "ISO 27001:2022 5.16", "NIST 800-53r5 IA-2"],
    severity="MEDIUM",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every identity provider the resource trusts with users."""
    yield from verdicts(resource, scope, Role.identity)
