"""Until when the Kubernetes versions are supported, from `catalog/kubernetes.yaml`."""

from calendar import monthrange
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from blueprint.catalog import FOLDER, AsOf, Sourced
from blueprint.catalog.folders import load
from blueprint.environment import Environment

WARN_DAYS = 90  # long enough to rehearse an upgrade, roll it through staging and keep a month in reserve


class Support(Sourced):
    """When a version leaves support; a month means its last day."""

    ends: AsOf

    @property
    def last_day(self) -> date:
        """The last day with fixes."""
        year, month, *day = map(int, self.ends.split("-"))
        return date(year, month, day[0] if day else monthrange(year, month)[1])


def today() -> date:
    """The day that support is measured from."""
    return date.today()


def support(env: Environment) -> Support | None:
    """What is known about the environment's Kubernetes version on its target; None if nothing is."""
    return _load(FOLDER / "kubernetes.yaml").get(env.cluster.target, {}).get(env.cluster.kubernetes_version)


@cache
def _load(path: Path) -> dict[str, dict[str, Support]]:
    return load(TypeAdapter(dict[str, dict[str, Support]]).validate_python, path)
