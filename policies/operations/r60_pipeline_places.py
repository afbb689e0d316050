"""Variables of the pipeline name no place outside the zone.

Where a provider's block or a backend is silent, the environment speaks: AWS_REGION, SCW_DEFAULT_ZONE, ARM_ENVIRONMENT, an endpoint.
What is applied then lies elsewhere, and no file of the change says so.
"""

import re
from collections.abc import Iterator

from blueprint.facts import Resource, Sensitive, Unknown
from blueprint.places import Place, host, regions, residual
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.policy.pipeline import OF_A_PLACE
from blueprint.whereabouts.regions import region as in_words_of
from blueprint.whereabouts.types import table_of

REGIONS = re.compile(r"(?i)(REGION|ZONE|LOCATION)$")
ALLOWED = "a place inside the zone"


@rule(
    "R60",
    "variables of the pipeline name places inside the zone only",
    looks_at=["setting"],
    basis="Art. 44 GDPR; Art. 30(2)(b) DORA",
    controls=["C5:2020 PSS-12", "C5:2020 DEV-03", "ISO 27001:2022 5.23", "NIST 800-53r5 SA-9(5)"],
)
def check(setting: Resource, scope: Scope) -> Iterator[Verdict]:
    """By the variable's name: a region, a cloud, an address. Its value is compared and not shown."""
    name, value = str(setting.first("name")), setting.first("value")
    plain = value.value if isinstance(value, Sensitive) else None
    if not isinstance(plain, str) or not plain or not OF_A_PLACE.fullmatch(name):
        yield passes(setting, "", name)
        return
    places = _places(name, plain)
    known = [place for place in places if isinstance(place, Place)]
    if not known:
        yield unresolved(setting, "", f"nobody can tell where {name} leads", ALLOWED, f"unset {name}; write it into the provider's block")
    elif any(scope.answer(place, "state").allowed for place in known):
        yield passes(setting, "", name)
    else:
        why = scope.answer(known[0], "state").why
        yield fails(setting, "", name, why, ALLOWED, f"unset {name}; write it into the provider's block")


def _places(name: str, value: str) -> list[Place | Unknown]:
    """What a value may mean: a region of any cloud, one of Azure's clouds, or a host."""
    if REGIONS.search(name):
        return [*regions(value)]
    if name == "ARM_ENVIRONMENT":
        return [Place("Azure", frozenset()) if value == "public" else host(f"management.azure.{'cn' if value == 'china' else 'us'}")]
    if name == "OVH_ENDPOINT" and (table := table_of("ovh")):
        return [in_words_of(table, value)]
    return [Place(value, frozenset()) if residual(value) else host(value)]
