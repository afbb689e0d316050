"""Pipelines keep plans and secrets in the zone.

A plan holds names, addresses and often secrets, and whoever runs it holds the credentials of the platform. On a machine that a service
lends, in an artifact or a comment on its pages, or uploaded by a script, both are wherever that service is, whatever the plan says of
regions.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, passes, rule
from blueprint.whereabouts.pipelines import whereabouts
from blueprint.whereabouts.verdicts import verdict

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
    found = [verdict(pipeline, residence, scope, "state", ALLOWED) for residence in whereabouts(pipeline)]
    yield from found or [passes(pipeline)]
