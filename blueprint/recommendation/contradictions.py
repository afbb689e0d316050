"""Published figures that contradict ours, told where somebody meets them: both numbers, one sentence."""

from collections.abc import Collection
from functools import cache

from pydantic import TypeAdapter

from blueprint.catalog.base import Entry
from blueprint.catalog.folders import load
from blueprint.cost.claims import load_claims
from blueprint.errors import BlueprintError
from blueprint.recommendation.data import FOLDER
from blueprint.recommendation.result import Contradiction


class Told(Entry):
    """A sentence with braces for a claim's results, and the topic it belongs to."""

    topic: str
    says: str


def contradictions(topics: Collection[str]) -> tuple[Contradiction, ...]:
    """Those that belong to the topics, in the catalogue's order.

    Raises:
        BlueprintError: a sentence names a claim or a result that is not there.
    """
    results = {claim.id: claim.gives for claim in load_claims()}
    found = []
    for name, told in _told().items():
        if told.topic in topics:
            try:
                found.append(Contradiction(name, told.topic, told.says.format_map(results[name])))
            except (KeyError, IndexError, ValueError, TypeError) as error:
                raise BlueprintError(f"decision/contradictions.yaml: {name} cannot be told: {error!r}", "correct the sentence") from None
    return tuple(found)


@cache
def _told() -> dict[str, Told]:
    return load(TypeAdapter(dict[str, Told]).validate_python, FOLDER / "contradictions.yaml")
