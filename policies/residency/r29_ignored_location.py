"""What says where data is, is not ignored.

`lifecycle.ignore_changes` makes Terraform blind for an attribute: a resource that was created or imported elsewhere stays there,
and the code goes on saying what is not so.
"""

from collections.abc import Iterator, Mapping

from blueprint.facts import Found, Resource
from blueprint.policy import Scope, Verdict, fails, passes, rule
from blueprint.whereabouts.home import flat
from blueprint.whereabouts.types import semantics
from blueprint.whereabouts.verdicts import OTHERS, TERRAFORM

IGNORED = "lifecycle.ignore_changes"
NEXT = "take it out of ignore_changes; where the resource is elsewhere, recreate it"


@rule(
    "R29",
    "no resource ignores changes of where its data is",
    looks_at=TERRAFORM,
    basis="Art. 5(2), 32, 44 GDPR",
    controls=["C5:2020 PSS-12", "C5:2020 DEV-08", "ISO 27001:2022 8.9", "NIST 800-53r5 CM-3"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Attributes that say where data is, against those whose changes are ignored."""
    ignored = [] if resource.type.startswith(OTHERS) else _ignored(resource)
    said = _residency_attributes(resource) if ignored else set()
    wrong = [name for name in ignored if _first(name) in said]
    why = "Terraform would not see that the resource is elsewhere"
    yield from (fails(resource, IGNORED, name, why, "attributes that say nothing of a place", NEXT) for name in wrong)
    if ignored and not wrong:
        yield passes(resource, IGNORED, ", ".join(ignored))


def _ignored(resource: Resource) -> list[str]:
    """What is ignored, as it is written: names of attributes are no values."""
    lifecycle = resource.written.get("lifecycle") or resource.attributes.get("lifecycle")
    blocks = [block.value for block in flat(Found("lifecycle", lifecycle)) if isinstance(block.value, Mapping)]
    return [str(name.value) for block in blocks for name in flat(Found(IGNORED, block.get("ignore_changes", [])))]


def _residency_attributes(resource: Resource) -> set[str]:
    known = semantics(resource.type)
    if known is None:
        return {"all"}
    return {"all", *known.at, *known.table.region, *(_first(trace.at) for trace in known.traces)} - {""}


def _first(path: str) -> str:
    return path.strip('${}"').partition(".")[0].partition("[")[0]
