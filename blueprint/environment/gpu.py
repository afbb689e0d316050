"""How the cards of a GPU pool are shared: `mig` cuts each into slices of its own memory, `time_slicing` lets pods take turns."""

from typing import Annotated

from pydantic import Field, StringConstraints

from blueprint.environment.base import Section


class Mig(Section):
    """Every card of the pool is cut into equal slices; `profile` is NVIDIA's name of one (catalog/gpus/ knows each card's)."""

    profile: Annotated[str, StringConstraints(pattern=r"^[1-7]g\.\d+gb$")]


class TimeSlicing(Section):
    """`replicas` pods take turns on a card and see each other's faults: no isolation, for trying things out only."""

    replicas: int = Field(ge=2, le=8)
