"""Cross-checks: what is wrong with an environment although every value is allowed on its own.

A check is a pure function that yields findings. Checks are told apart by what they look at: the whole environment, one
model deployment, one API, one GPU pool. Adding one is writing it and naming it below.
"""

from collections.abc import Callable, Iterator
from functools import partial

from blueprint.environment import Environment
from blueprint.environment.base import Section
from blueprint.environment.checks import capacity, names, residency
from blueprint.environment.checks.finding import Finding

__all__ = ["Finding", "run"]

Findings = Iterator[Finding]

ENVIRONMENT: list[Callable[[Environment], Findings]] = [
    residency.region,
    residency.operator,
    residency.conditions,
    residency.state,
    residency.teams,
    names.unique,
    names.aliases,
    names.storage_accounts,
    names.ways_out,
    capacity.zones,
    capacity.system_pool,
    capacity.pools,
    capacity.budget,
]
DEPLOYMENT: list[Callable[[Environment, str], Findings]] = [
    names.pool,
    names.model,
    capacity.context,
    capacity.tensor_parallel,
    capacity.fit,
    capacity.replicas,
    capacity.spot,
]
API: list[Callable[[Environment, str], Findings]] = [residency.api_region, residency.api_processing, names.api_model]
POOL: list[Callable[[Environment, str], Findings]] = [capacity.instance, capacity.gpu_evidence]


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
    for checks, section, key in ((DEPLOYMENT, env, "models"), (API, env, "apis"), (POOL, getattr(env, "cluster", env), "gpu_pools")):
        yield from (partial(check, env, name) for name in getattr(section, key, {}) for check in checks)


def _is_refused_part(error: AttributeError) -> bool:
    return isinstance(error.obj, Section) and error.name in type(error.obj).model_fields
