"""What sharing a card does to its pods, from `catalog/gpu_sharing.yaml`."""

from collections.abc import Mapping
from functools import cache

from pydantic import TypeAdapter

from blueprint.catalog import FOLDER
from blueprint.catalog.base import Sourced
from blueprint.catalog.folders import load


class Effect(Sourced):
    """Of one way of sharing, in one sentence each."""

    isolation: str
    latency: str


@cache
def load_effects() -> Mapping[str, Effect]:
    """By key of a pool: `mig`, `time_slicing`.

    Raises:
        BlueprintError: the file cannot be read, or says something else.
    """
    return load(TypeAdapter(dict[str, Effect]).validate_python, FOLDER / "gpu_sharing.yaml")
