"""Pipelines keep plans and secrets in the zone.

A plan holds names, addresses and often secrets, and whoever runs it holds the credentials of the platform. On a machine that a service
lends, in an artifact or a comment on its pages, or uploaded by a script, both are wherever that service is, whatever the plan says of
regions.
"""

from collections.abc import Iterator

from blueprint.facts import Resource, Unknown
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.whereabouts.pipelines import whereabouts

ALLOWED = "runners, registries and stores inside the zone"


@rule(
    "R61",
    "pipelines run, and send what they hold, inside the zone",
    looks_at=["pipeline"],
    basis="Art. 32, 44 GDPR; Art. 28(3) DORA where the function is critical",
    controls=["C5:2020 DEV-03", "C5:2020 PSS-12", "ISO 27001:2022 5.14", "ISO 27001:2022 8.31", "NIST 800-53r5 SA-9(5)"],
)
def check(pipeline: Resource, scope: Scope) -> Iterator[Verdict]:
    """The machines of its jobs, their images, and every address, action and command that sends something."""
    if not scope.regulated:
        return
    found = whereabouts(pipeline)
    for residence in found:
        if isinstance(residence.place, Unknown):
            yield unresolved(pipeline, residence.path, residence.place, ALLOWED, residence.next)
        elif not (answer := scope.answer(residence.place, "state")).allowed:
            yield fails(pipeline, residence.path, residence.found, f"{residence.why}; {answer.why}", ALLOWED, residence.next)
        else:
            yield passes(pipeline, residence.path, residence.found)
    if not found:
        yield passes(pipeline)
