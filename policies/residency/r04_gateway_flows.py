"""Every model a request can reach answers inside the zone.

Failover leaks exactly when the platform is under stress, a canary leaks five percent, a mirror everything. So every way a route has
is looked at: primary, weighted, failover, mirrored, and what filters ask on the way. The class is that of the route's data where it
says so, the stack's otherwise.
"""

from collections.abc import Iterator
from dataclasses import replace

from blueprint.facts import Resource, Unknown
from blueprint.matrix import CLASSES
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.whereabouts.hosts import places

ALLOWED = "models in the cluster, hosted models inside the zone"
NEXT = "take the destination out of the route, or give the class a route without it"


@rule(
    "R04",
    "requests reach only models inside the zone, failover included",
    looks_at=["flow"],
    basis="Art. 28, 44 GDPR",
    controls=["C5:2020 COS-08", "C5:2020 SSO-04", "ISO 27001:2022 5.14", "ISO 27001:2022 8.12", "DORA 28", "AI Act 26"],
    severity="CRITICAL",
)
def check(flow: Resource, scope: Scope) -> Iterator[Verdict]:
    """One way a route has."""
    name = flow.first("host")
    if not isinstance(name, str | Unknown):
        yield unresolved(flow, "host", "the route does not say whom it asks", ALLOWED, NEXT)
        return
    known = flow.first("data_class")
    inside = replace(scope, data_class=known) if known in CLASSES else scope
    for place in places(name, flow.facts):
        if isinstance(place, Unknown):
            yield unresolved(flow, "host", place, ALLOWED, NEXT)
        elif (answer := inside.answer(place, "failover" if flow.first("role") != "primary" else "content")).allowed:
            yield passes(flow, "host", name)
        else:
            yield fails(flow, "host", name, f"{flow.first('role') or 'a'} route: {answer.why}", ALLOWED, NEXT)
