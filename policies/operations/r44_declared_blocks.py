"""Blocks that create nothing are looked at, too: imports, moves, removals, variables, outputs, checks.

They are how a value comes in from outside, and how something that exists gets into a stack or out of it without being destroyed:
what is removed that way goes on existing, with its data, where no rule and no plan sees it.
"""

from collections.abc import Iterator

from blueprint.facts import Resource, Unknown
from blueprint.places import Place
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.whereabouts.reading import of_id
from blueprint.whereabouts.types import table_of


@rule(
    "R44",
    "nothing enters or leaves a stack unseen",
    looks_at=["import", "moved", "removed", "variable", "output", "check", "action", "list"],
    basis="Art. 5(2), 30 GDPR",
    controls=["C5:2020 AM-01", "ISO 27001:2022 5.9", "NIST 800-53r5 CM-8"],
    severity="MEDIUM",
)
def check(block: Resource, scope: Scope) -> Iterator[Verdict]:
    """What an import brings in is in the stack; what is removed is destroyed."""
    match block.type:
        case "import":
            yield _imported(block, scope)
        case "removed" if block.first("lifecycle.destroy") is False:
            why = "it goes on existing with its data, and nothing judges it any more"
            yield fails(block, "lifecycle.destroy", False, why, "destroyed, or kept in the stack", "destroy it, or leave it where it is")
        case "action" | "list":
            yield unresolved(block, "", f"an {block.type} block runs code of a provider that no rule knows", next="leave it out")
        case _:
            yield passes(block)


def _imported(block: Resource, scope: Scope) -> Verdict:
    target, id = block.first("to"), str(block.first("id") or "")
    address = target.references[0] if isinstance(target, Unknown) and target.references else str(target)
    table = table_of(address.partition("_")[0])
    place = of_id(id, table) if table else None
    if isinstance(place, Place) and not (answer := scope.answer(place)).allowed:
        return fails(block, "id", id, f"what is imported is there; {answer.why}", "something inside the zone", "move it first")
    if block.facts and any(other.address.partition("[")[0] == address.partition("[")[0] for other in block.facts.resources):
        return passes(block, "to", address)
    return unresolved(block, "to", f"what is imported as {address} is not in the stack, so nobody has judged it")
