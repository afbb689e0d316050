"""`budget:` and `state:`: what keeps an environment affordable and recoverable."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from blueprint.environment.base import Section

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class Budget(Section):
    """A monthly budget in the subscription's billing currency; people hear of it at 80 % and at a forecast of 100 %."""

    amount_per_month: int = Field(ge=1)
    starts: date
    contacts: list[Email] = Field(min_length=1)

    @field_validator("starts")
    @classmethod
    def first_of_a_month(cls, value: date) -> date:
        if value.day != 1:
            raise ValueError(f"{value} is not the first of a month; Azure budgets start there")
        return value


class AzurermState(Section):
    """Terraform state in Azure storage, through Entra only. Names left out follow the environment's."""

    backend: Literal["azurerm"] = "azurerm"
    region: str | None = None
    resource_group: str | None = None
    storage_account: str | None = None
    container: str = "tfstate"


class S3State(Section):
    """Terraform state in S3-compatible storage with a lock file; credentials come from AWS_* variables."""

    backend: Literal["s3"]
    region: str
    bucket: str
    endpoint: Annotated[str, StringConstraints(pattern=r"^https://")]


State = Annotated[AzurermState | S3State, Field(discriminator="backend")]
