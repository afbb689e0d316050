"""Data is only where the zone allows.

Every Terraform resource gets an answer: its own region, its parent's or its provider's, a service without any, or a deployer that
can create anything. A type nobody has classified is unresolved, and so is a region that a variable or a data source may change.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, passes, rule
from blueprint.whereabouts import Role
from blueprint.whereabouts.verdicts import OTHERS, TERRAFORM, verdicts


@rule(
    "R01",
    "data is kept inside the zone",
    looks_at=TERRAFORM,
    basis="Art. 44-46 GDPR; Art. 30(2)(b) DORA",
    controls=["C5:2020 PSS-12", "ISO 27001:2022 5.23", "ISO 27001:2022 5.31", "NIST 800-53r5 SA-9(5)"],
    severity="CRITICAL",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Where the resource's own data is, and where what it deploys would be."""
    if resource.type.startswith(OTHERS):
        return
    yield from verdicts(resource, scope, Role.primary, Role.deployer) or [passes(resource, found="holds no data of its own")]
