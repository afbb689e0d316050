"""What every section of an environment file has in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

# DNS labels: these names become Kubernetes objects, Terraform addresses and Azure resource names.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$")]


class Section(BaseModel):
    """A part of an environment: unknown keys are refused, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
