"""`catalog/apis/`: hosted models, and where their prompts are processed."""

from typing import Annotated, Literal

from blueprint.catalog.base import Entry, Named, Operator, Price, Sourced


class DeploymentType(Entry):
    """Where a hosted model's prompts are processed: the account's region, its EU data zone, or anywhere."""

    name: str
    processing: Literal["region", "eu", "global"]


class ApiModel(Entry):
    """A hosted model. `node_type` is the machine it runs on where one rents the machine, not the tokens."""

    name: str
    node_type: str | None = None
    prices: tuple[Price, ...] = ()


class ApiProvider(Sourced):
    """A hosted API: the operator, how it can be deployed, and its models. `provider` names the cloud of its regions."""

    name: str
    label: str
    operator: Operator
    provider: str
    deployment_types: Annotated[dict[str, DeploymentType], Named]
    models: Annotated[dict[str, ApiModel], Named]
