"""Cross-checks: what is wrong with an environment although every value is allowed on its own.

A check is a pure function that yields findings. Checks are told apart by what they look at: the whole environment, what
only one cloud target has, one model deployment, one API, one GPU pool. Adding one is writing it and naming it below.
"""

from collections.abc import Callable, Iterator
from functools import partial

from blueprint.environment import Aks, Environment, Kapsule, Onprem
from blueprint.environment.base import Section
from blueprint.environment.checks import aks, capacity, gpu, kapsule, monitoring, names, onprem, residency, upgrades
from blueprint.environment.checks.finding import Finding

__all__ = ["Finding", "run"]

Findings = Iterator[Finding]

ENVIRONMENT: list[Callable[[Environment], Findings]] = [
    residency.declared_zone,
    residency.region,
    residency.operator,
    residency.conditions,
    residency.dates,
    residency.state,
    residency.addresses,
    residency.teams,
    names.unique,
    names.aliases,
    names.storage_accounts,
    capacity.system_pool,
    capacity.pools,
    capacity.budget,
    upgrades.kubernetes,
    monitoring.figures,
    monitoring.business_hours,
    monitoring.receivers,
]
TARGET: dict[type[Section], list[Callable[..., Findings]]] = {
    Aks: [aks.zones, aks.ways_out, residency.api_clouds],
    Kapsule: [kapsule.zone, kapsule.pools, kapsule.retention, residency.api_clouds],
    Onprem: [onprem.cards, onprem.machines, onprem.apis, onprem.arc],
}
DEPLOYMENT: list[Callable[[Environment, str], Findings]] = [
    names.pool,
    names.model,
    capacity.context,
    capacity.tensor_parallel,
    capacity.experts,
    gpu.nvlink,
    capacity.fit,
    capacity.replicas,
    capacity.spot,
]
API: list[Callable[[Environment, str], Findings]] = [residency.api_region, residency.api_processing, names.api_model]
POOL: list[Callable[[Environment, str], Findings]] = [capacity.instance, capacity.gpu_evidence, gpu.mig, gpu.time_slicing, gpu.empty]


def run(env: Environment) -> Findings:
    """All findings. `env` may lack parts that were refused already: a check that needs one of them is left out."""
    for check in _all(env):
        try:
            yield from check()
        except AttributeError as error:
            if not _is_refused_part(error):
                raise


def _all(env: Environment) -> Iterator[Callable[[], Findings]]:
    yield from (partial(check, env) for check in ENVIRONMENT)
    cluster = getattr(env, "cluster", env)
    yield from (partial(check, env, cluster) for check in TARGET.get(type(cluster), []))
    for checks, section, key in ((DEPLOYMENT, env, "models"), (API, env, "apis"), (POOL, cluster, "gpu_pools")):
        yield from (partial(check, env, name) for name in getattr(section, key, {}) for check in checks)


def _is_refused_part(error: AttributeError) -> bool:
    return isinstance(error.obj, Section) and error.name in type(error.obj).model_fields
