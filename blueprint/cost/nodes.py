"""Machines of the catalogue and of environments, with their prices: list prices as far as sources agree, hours as scheduled."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import product

from blueprint.catalog import InstanceType, Price, load_catalog
from blueprint.catalog.prices import Option, load_prices
from blueprint.cost.machines import Fleet, Pool
from blueprint.cost.uncertainty import Spread
from blueprint.environment import Environment, ModelDeployment, Schedule
from blueprint.environment import Pool as WantedPool
from blueprint.errors import BlueprintError
from blueprint.hosting import accelerator, provider
from blueprint.workload.loading import nearest

DAYS, MINUTES_PER_DAY, STEP = 7, 24 * 60, 15
Replicas = Mapping[str, int]  # of each deployment on a pool
WITH_A_SPARE = 2  # replicas, and machines: on one of them they would fail together


def pools(env: Environment) -> Iterator[tuple[str, WantedPool]]:
    """Every pool of an environment by name, the system's first."""
    yield "system", env.cluster.system_pool
    yield from env.cluster.gpu_pools.items()


def prices_of(instance: InstanceType, *, kind: str, region: str | None) -> list[Price]:
    """Prices per hour in the region; of elsewhere, where there are none. One currency, the first one's."""
    fitting = [price for price in instance.prices if price.unit == "hour" and price.kind == kind]
    local = [price for price in fitting if price.region == region] or fitting
    return [price for price in local if price.currency == local[0].currency]


def option_fleet(name: str, option: Option) -> Fleet:
    """An option of a comparison as machines with prices.

    Raises:
        BlueprintError: the catalogue does not know the machine, the card or a price.
    """
    if option.country:
        _known(option.country, list(load_catalog().countries), "country")
    if option.pricing == "owned":
        card = _known(option.gpu or "", list(load_catalog().gpus), "card")
        watts, drawn = _watts(card)
        pool = Pool(card, option.nodes, 1, None, "EUR", watts=watts, sources=drawn, spare=option.spare_nodes)
        return Fleet(name, f"own {load_catalog().gpus[card].label}", "owned", (pool,), option.country)
    machines = {key: (cloud, machine) for cloud in load_catalog().providers.values() for key, machine in cloud.instances.items()}
    key = _known(option.instance or "", [key for key, (_, machine) in machines.items() if machine.gpus], "machine with a GPU")
    cloud, machine = machines[key]
    region = cloud.regions.get(option.region or "")
    if option.region and region is None:
        raise BlueprintError(f"{name}: {cloud.label} has no region {option.region}", nearest(option.region, list(cloud.regions)))
    pool = _priced(key, machine, option.nodes, option.pricing, option.region, option.price_per_hour)
    label = f"{key} at {cloud.label}, {option.pricing}"
    country = region.country if region else option.country
    return Fleet(name, label, option.pricing, (replace(pool, spare=option.spare_nodes),), country, support=cloud.name == "azure")


def environment_fleet(env: Environment) -> tuple[Fleet, list[str]]:
    """An environment's pools as they run on average, and those without a price."""
    cloud = provider(env)
    made = []
    for name, wanted in pools(env):
        machine = cloud.instances[wanted.instance]
        pricing = "spot" if getattr(wanted, "spot", False) else "on-demand"
        nodes, spare = (wanted.min, 0.0) if name == "system" else (average_nodes(env, name), spare_nodes(env, name))
        made.append((name, replace(_priced(name, machine, nodes, pricing, env.cluster.region, None, required=False), spare=spare)))
    gaps = [
        f"machines of {name} ({wanted.instance})" for (name, wanted), (_, pool) in zip(pools(env), made, strict=True) if pool.price is None
    ]
    country = cloud.regions[env.cluster.region].country
    label = f"{env.cluster.target} in {env.cluster.region}"
    return Fleet(env.name, label, "on-demand", tuple(pool for _, pool in made), country=country, support=cloud.name == "azure"), gaps


def spared(env: Environment, fleet: Fleet, use_cases: Collection[str]) -> Fleet:
    """An environment's fleet with spares for some of its use cases only."""
    pools = (replace(pool, spare=spare_nodes(env, pool.name, use_cases) if pool.gpus else 0.0) for pool in fleet.pools)
    return replace(fleet, pools=tuple(pools))


def average_nodes(env: Environment, pool: str) -> float:
    """Machines of a GPU pool over the hours of a week: what its deployments' schedules need, within the pool's bounds."""
    return sum(share * _nodes(env, pool, dict(replicas)) for replicas, share in _week(_on(env, pool)))


def spare_nodes(env: Environment, pool: str, use_cases: Collection[str] | None = None) -> float:
    """Machines more so that one may fail, over the hours of a week: two replicas of each realtime deployment, on two machines. Only
    the use cases named are so important; all, if left out."""
    realtime = [name for name, model in _on(env, pool) if model.priority == "realtime" and (use_cases is None or name in use_cases)]
    each = ((dict(replicas), share) for replicas, share in _week(_on(env, pool)))
    return sum(share * (_nodes_with_spares(env, pool, replicas, realtime) - _nodes(env, pool, replicas)) for replicas, share in each)


def _on(env: Environment, pool: str) -> tuple[tuple[str, ModelDeployment], ...]:
    return tuple((name, model) for name, model in env.models.items() if model.pool == pool)


@cache
def _week(models: tuple[tuple[str, ModelDeployment], ...]) -> list[tuple[tuple[tuple[str, int], ...], float]]:
    """How many replicas of each deployment run, and for which share of a week."""
    times = list(product(range(DAYS), range(0, MINUTES_PER_DAY, STEP)))
    states = Counter(tuple((name, replicas_at(model, day, minute)) for name, model in models) for day, minute in times)
    return [(state, count / len(times)) for state, count in states.items()]


def _nodes(env: Environment, pool: str, replicas: Replicas) -> int:
    wanted = env.cluster.gpu_pools[pool]
    return min(wanted.max, max(wanted.min, _holding(env, pool, replicas)))


def _nodes_with_spares(env: Environment, pool: str, replicas: Replicas, realtime: Collection[str]) -> int:
    """Batch work waits until a replica is back."""
    spread = {**replicas, **{name: max(WITH_A_SPARE, replicas[name]) for name in realtime}}
    return max(_nodes(env, pool, replicas), *((WITH_A_SPARE, _holding(env, pool, spread)) if realtime else ()), 0)


def _holding(env: Environment, pool: str, replicas: Replicas) -> int:
    """Machines that hold so many replicas."""
    cards = sum(count * env.models[name].tensor_parallel for name, count in replicas.items())
    return -(-cards // accelerator(env, pool).per_node)


def replicas_at(model: ModelDeployment, day: int, minute: int) -> int:
    """Replicas of a deployment that run whatever the load is, at a minute of a week that begins on Monday."""
    scheduled = model.schedule.replicas if model.schedule and _is_on(model.schedule, day, minute) else 0
    return max(model.replicas.min, scheduled)


def _is_on(schedule: Schedule, day: int, minute: int) -> bool:
    """Whether a schedule runs at a minute of a week that begins on Monday; over midnight it belongs to the day it began."""
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (schedule.start, schedule.end))
    if start < end:
        return start <= minute < end and _is_day(schedule, day)
    return (minute >= start and _is_day(schedule, day)) or (minute < end and _is_day(schedule, (day - 1) % DAYS))


def _is_day(schedule: Schedule, day: int) -> bool:
    return schedule.days == "daily" or day < 5


def _priced(
    name: str, machine: InstanceType, nodes: float, pricing: str, region: str | None, given: float | None, *, required: bool = True
) -> Pool:
    """A pool at one's own price, at list price, or at list price less what the pricing takes off."""
    watts, drawn = _watts(machine.gpu)
    if given is not None:
        return Pool(name, nodes, machine.gpus, Spread(given, given, given), "EUR", None, watts, ("the demand file", *drawn), machine.name)
    spot = prices_of(machine, kind="spot", region=region) if pricing == "spot" else []
    found = spot or prices_of(machine, kind="on-demand", region=region)
    if not found:
        if required:
            raise BlueprintError(f"no price per hour is known for {machine.name}", "give `price_per_hour` with the option")
        return Pool(name, nodes, machine.gpus, None, "EUR", watts=watts)
    amounts = sorted(price.amount for price in found)
    middle = (amounts[0] + amounts[-1]) / 2
    discount = "reserved_discount" if pricing == "reserved" else "spot_discount" if pricing == "spot" and not spot else None
    sources = tuple(f"{price.amount:g} {price.currency} ({price.region or 'no region'}): {price.source}, {price.as_of}" for price in found)
    return Pool(
        name,
        nodes,
        machine.gpus,
        Spread(amounts[0], middle, amounts[-1]),
        found[0].currency,
        discount,
        watts,
        (*sources, *drawn),
        machine.name,
    )


def _watts(card: str | None) -> tuple[float | None, tuple[str, ...]]:
    """What a card draws at most, and who says so."""
    figure = load_prices().energy.watts.get(card or "")
    return (figure.value, (f"{figure.value:g} W a card: {figure.source}, {figure.as_of}",)) if figure else (None, ())


def _known(name: str, known: list[str], what: str) -> str:
    if name not in known:
        raise BlueprintError(f"the catalogue knows no {what} {name!r}", nearest(name, known) or f"choose one of {', '.join(sorted(known))}")
    return name
