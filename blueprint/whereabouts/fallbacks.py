"""Models a gateway asks when its own do not answer: `fallbacks: [{mistral: [gpt-4o]}]` (`catalog/residency/defaults.yaml`, models).

A name of the gateway's own list is judged where it is listed; every other is asked under the name it has.
"""

import re
from collections.abc import Iterator
from functools import cache

from blueprint.facts import Resource
from blueprint.patterns import fits
from blueprint.residency_catalog import table
from blueprint.said import said
from blueprint.whereabouts.defaults import TABLE, of_model
from blueprint.whereabouts.mentions import key_of


def fallbacks(resource: Resource) -> Iterator[tuple[str, str]]:
    """Path and host of every model that is asked instead of another and is not in the list."""
    everything = said(resource)
    if everything.keys.isdisjoint(_known()["fallbacks"]):
        return
    listed = [str(leaf.value) for leaf in everything.leaves if key_of(leaf.path) in _known()["aliases"]]
    named = (leaf for leaf in everything.leaves if isinstance(leaf.value, str) and _below().search(leaf.path))
    asked = (leaf for leaf in named if not any(fits(leaf.value, name) for name in listed))
    yield from ((leaf.path, host) for leaf in asked if (host := of_model("model", leaf.value)))


def _known() -> dict[str, list[str]]:
    return table(TABLE)["models"]  # type: ignore[no-any-return]


@cache
def _below() -> re.Pattern[str]:
    return re.compile(rf"(^|\.)({'|'.join(_known()['fallbacks'])})(\[|\.|$)")
