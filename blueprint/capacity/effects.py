"""What sharing a card does to its pods, from `catalog/gpu_sharing.yaml`."""

from collections.abc import Mapping
from functools import cache

import yaml
from pydantic import ValidationError

from blueprint.catalog import FOLDER
from blueprint.catalog.base import Sourced
from blueprint.errors import BlueprintError


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
    path = FOLDER / "gpu_sharing.yaml"
    try:
        return {key: Effect.model_validate(said) for key, said in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader).items()}
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise BlueprintError(f"{path.name} in the catalogue cannot be read: {error}") from None
