"""An environment lives in one subscription or project, and reads no other environment's state.

Two provider blocks with different subscriptions put part of an environment where another one's people and rules are. State read
from elsewhere brings in values nobody judged here, and the right to read that state is the right to read its secrets.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved

OWNERS = ("subscription_id", "tenant_id", "project_id", "organization_id", "project", "allowed_account_ids")
NEXT = "one environment, one subscription or project; give the other part an environment of its own"


@rule(
    "R24",
    "environments are separated",
    looks_at=["provider.*", "data.terraform_remote_state"],
    basis="Art. 32 GDPR",
    controls=["C5:2020 DEV-10", "ISO 27001:2022 8.31", "NIST 800-53r5 CM-2", "NIST 800-53r5 SC-2"],
    severity="MEDIUM",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Provider blocks against the others of their kind; state that is read."""
    if resource.type == "data.terraform_remote_state":
        why = "values of another stack's state decide what is created here, and nobody has judged them"
        yield unresolved(resource, "backend", why, "values written in this stack", "write the values into the environment's file")
        return
    siblings = list(resource.facts.of(resource.type)) if resource.facts else []
    found = [_owner(resource, name, siblings) for name in OWNERS]
    different = [verdict for verdict in found if verdict]
    yield from different or [passes(resource)]


def _owner(block: Resource, name: str, siblings: list[Resource]) -> Verdict | None:
    """Told at every block but the first."""
    mine, first = block.first(name), next((other.first(name) for other in siblings if other.first(name) is not None), None)
    if mine is None or str(mine) == str(first):
        return None
    return fails(block, name, mine, f"another {name} than {first} of the same environment", str(first), NEXT)
