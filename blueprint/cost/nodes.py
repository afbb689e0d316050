"""Machines of the catalogue and of environments, with their prices: list prices as far as sources agree, hours as scheduled."""

from collections.abc import Iterator

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
        pool = Pool(card, option.nodes, 1, None, "EUR", watts=watts, sources=drawn)
        return Fleet(name, f"own {load_catalog().gpus[card].label}", "owned", (pool,), option.spare_nodes, option.country)
    machines = {key: (cloud, machine) for cloud in load_catalog().providers.values() for key, machine in cloud.instances.items()}
    key = _known(option.instance or "", [key for key, (_, machine) in machines.items() if machine.gpus], "machine with a GPU")
    cloud, machine = machines[key]
    region = cloud.regions.get(option.region or "")
    if option.region and region is None:
        raise BlueprintError(f"{name}: {cloud.label} has no region {option.region}", nearest(option.region, list(cloud.regions)))
    pool = _priced(key, machine, option.nodes, option.pricing, option.region, option.price_per_hour)
    label = f"{key} at {cloud.label}, {option.pricing}"
    country = region.country if region else option.country
    return Fleet(name, label, option.pricing, (pool,), option.spare_nodes, country, support=cloud.name == "azure")


def environment_fleet(env: Environment) -> tuple[Fleet, list[str]]:
    """An environment's pools as they run on average, and those without a price."""
    cloud = provider(env)
    made = []
    for name, wanted in pools(env):
        machine = cloud.instances[wanted.instance]
        pricing = "spot" if getattr(wanted, "spot", False) else "on-demand"
        nodes = wanted.min if name == "system" else average_nodes(env, name)
        made.append((name, _priced(name, machine, nodes, pricing, env.cluster.region, None, required=False)))
    gaps = [
        f"machines of {name} ({wanted.instance})" for (name, wanted), (_, pool) in zip(pools(env), made, strict=True) if pool.price is None
    ]
    country = cloud.regions[env.cluster.region].country
    label = f"{env.cluster.target} in {env.cluster.region}"
    return Fleet(env.name, label, "on-demand", tuple(pool for _, pool in made), country=country, support=cloud.name == "azure"), gaps


def average_nodes(env: Environment, pool: str) -> float:
    """Machines of a GPU pool over the hours of a week: what its deployments' schedules need, within the pool's bounds."""
    wanted, per_node = env.cluster.gpu_pools[pool], accelerator(env, pool).per_node
    deployments = [model for model in env.models.values() if model.pool == pool]
    total = 0.0
    for day in range(DAYS):
        for minute in range(0, MINUTES_PER_DAY, STEP):
            cards = sum(replicas_at(model, day, minute) * model.tensor_parallel for model in deployments)
            total += min(wanted.max, max(wanted.min, -(-cards // per_node)))
    return total / (DAYS * MINUTES_PER_DAY / STEP)


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
