"""`apis:` the API side of the hybrid: hosted models, by use case."""

from typing import Literal

from pydantic import Field

from blueprint.environment.base import Section


class Api(Section):
    """One deployment of a hosted model. `deployment` decides where prompts are processed (catalog/apis/)."""

    provider: Literal["azure-openai", "scaleway-inference"]
    model: str
    version: str | None = None
    region: str
    deployment: str
    thousand_tokens_per_minute: int = Field(50, ge=1)
