"""`gateway:` the one OpenAI-compatible endpoint applications call."""

from typing import Annotated

from pydantic import Field, StringConstraints

from blueprint.environment.base import Name, Section
from blueprint.environment.residency import DataClass

Hostname = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$")]


class Team(Section):
    """A consumer with a key of its own; `data_class` is the strictest data it may send."""

    data_class: DataClass


class Gateway(Section):
    """Every model and API is reachable under its own name; `aliases` add further names."""

    hostname: Hostname
    teams: dict[Name, Team] = Field(min_length=1)
    aliases: dict[Name, Name] = {}
    replicas: int = Field(2, ge=1)
