"""Host names of sensitive platforms are looked up and published inside the zone.

A public resolver sees every name that is asked for; a public DNS zone is answered from servers all over the world and tells
everybody which hosts there are. Names are metadata: publishing them is refused for special and regulated data only, sending
questions abroad for all personal data.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, passes, rule
from blueprint.policy.scope import CLASSES
from blueprint.whereabouts import Role
from blueprint.whereabouts.types import semantics
from blueprint.whereabouts.verdicts import TERRAFORM, verdicts


@rule(
    "R31",
    "names are published and looked up inside the zone",
    looks_at=TERRAFORM,
    basis="Art. 32, 44 GDPR",
    controls=["C5:2020 COS-01", "ISO 27001:2022 8.20"],
    severity="MEDIUM",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Public zones, and resolvers given to networks and interfaces."""
    known = semantics(resource.type)
    public = known is not None and known.kind == "anywhere" and known.role is Role.names
    if public and CLASSES.index(scope.data_class) < CLASSES.index("special"):
        yield passes(resource, found="public names, which are no personal data")
    else:
        yield from verdicts(resource, scope, Role.names)
