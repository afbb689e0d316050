"""An environment: everything one YAML file says, one module per top-level key."""

from typing import Annotated

from pydantic import Field, StringConstraints

from blueprint.environment.aks import Aks
from blueprint.environment.apis import Api
from blueprint.environment.base import Name, Section
from blueprint.environment.cluster import GpuPool, Pool
from blueprint.environment.gateway import Gateway, Team
from blueprint.environment.kapsule import Kapsule
from blueprint.environment.models import ModelDeployment, Replicas, Schedule
from blueprint.environment.monitoring import BusinessHours, Mail, Monitoring, Receiver, Webhook
from blueprint.environment.onprem import Onprem
from blueprint.environment.operations import AzurermState, Budget, S3State, State
from blueprint.environment.residency import DataClass, DataResidency, Zone

__all__ = [
    "Aks",
    "Api",
    "AzurermState",
    "Budget",
    "BusinessHours",
    "Cluster",
    "DataClass",
    "DataResidency",
    "Environment",
    "Gateway",
    "GpuPool",
    "Kapsule",
    "Mail",
    "ModelDeployment",
    "Monitoring",
    "Onprem",
    "Pool",
    "Receiver",
    "Replicas",
    "S3State",
    "Schedule",
    "State",
    "Team",
    "Webhook",
    "Zone",
]

# One class per cloud target; nothing else branches on it.
Cluster = Annotated[Aks | Kapsule | Onprem, Field(discriminator="target")]

# Prefixes names that must be unique in all of Azure (storage accounts: 24 characters in all).
Organisation = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{1,7}$")]


class Environment(Section):
    """One deployable environment; `name` is the file's name and the stack's."""

    name: Annotated[Name, Field(max_length=12)]
    description: str
    organisation: Organisation
    data_residency: DataResidency
    cluster: Cluster
    models: dict[Name, ModelDeployment] = Field(min_length=1)
    apis: dict[Name, Api] = {}
    gateway: Gateway
    monitoring: Monitoring = Monitoring()
    budget: Budget
    state: State = AzurermState()

    def unique_name(self, purpose: str = "") -> str:
        """A name for resources that share one global namespace: letters and digits only."""
        return f"{self.organisation}{self.name}{purpose}".replace("-", "")
