"""An environment's place at Scaleway and what every part of it shares."""

from typing import Any

from blueprint.environment import Environment, Kapsule
from modules.resources.engine import Part


class ScalewayPart(Part):
    """A part of the environment; everything is named after it, in the region and the project it says."""

    def __init__(self, scope: Part, name: str, env: Environment) -> None:
        super().__init__(scope, name)
        assert isinstance(env.cluster, Kapsule)
        self.env = env
        self.cluster = env.cluster
        self.project = str(env.cluster.project)

    @property
    def labels(self) -> dict[str, str]:
        residency = self.env.data_residency
        return {
            "environment": self.env.name,
            "data-residency": residency.zone,
            "data-class": residency.data_class,
            "managed-by": "terraform",
        }

    @property
    def tags(self) -> list[str]:
        return [f"{key}={value}" for key, value in self.labels.items()]

    def named(self, purpose: str = "") -> str:
        return f"{self.env.name}-{purpose}" if purpose else self.env.name

    def regional(self, name: str) -> dict[str, Any]:
        """The arguments of a resource of the region. Regions are literals: policies and people read them in the JSON."""
        return {"name": name, "region": self.cluster.region, "project_id": self.project}

    def zonal(self, name: str) -> dict[str, Any]:
        return {"name": name, "zone": self.cluster.zone, "project_id": self.project}
