"""Whether models fit their GPUs, deployments their pools, and the bill the budget."""

from collections.abc import Iterator
from math import ceil

from blueprint.catalog import InstanceType, Model, Provider, load_catalog
from blueprint.environment import Environment, GpuPool
from blueprint.environment.checks.finding import Finding
from blueprint.environment.checks.names import unknown
from blueprint.environment.document import Place
from blueprint.errors import BlueprintError
from blueprint.hosting import Accelerator, accelerator, provider
from blueprint.kv_bytes import uneven
from blueprint.sizing import Sizing, size_deployment
from blueprint.sizing.experts import Spread, refuse_uneven

HOURS_PER_MONTH = 730
SHORTEST_CONTEXT = 1024


def system_pool(env: Environment) -> Iterator[Finding]:
    """The system pool's instance type is known and needs no GPU."""
    place: Place = ("cluster", "system_pool", "instance")
    name, cloud = env.cluster.system_pool.instance, _cloud(env)
    if name not in cloud.instances:
        yield _unknown_instance(place, name, cloud, gpu=False)
    elif cloud.instances[name].gpu:
        yield Finding(place, f"{name} has a GPU that nothing on the system pool uses", ", ".join(_instances(cloud, gpu=False)))


def instance(env: Environment, pool: str) -> Iterator[Finding]:
    """A GPU pool's instance type is known and has a GPU."""
    place: Place = ("cluster", "gpu_pools", pool, "instance")
    name, cloud = env.cluster.gpu_pools[pool].instance, _cloud(env)
    if name not in cloud.instances:
        yield _unknown_instance(place, name, cloud, gpu=True)
    elif cloud.instances[name].gpu is None:
        yield Finding(place, f"{name} has no GPU", ", ".join(_instances(cloud, gpu=True)))


def gpu_evidence(env: Environment, pool: str) -> Iterator[Finding]:
    """Nobody has seen these GPUs in that region: a warning, the cloud alone knows."""
    machine, region = _instance(env, pool), _cloud(env).regions.get(env.cluster.region)
    if machine and machine.gpu and region and region.evidence(machine.family).status == "unverified":
        seen = [other.name for other in _cloud(env).regions.values() if other.evidence(machine.family).status != "unverified"]
        yield Finding(
            ("cluster", "gpu_pools", pool, "instance"),
            f"unverified that {region.name} offers {machine.name}",
            f"seen in {', '.join(seen)}" if seen else "",
            _cloud(env).availability_command.format(region=region.name, zone=f"{region.name}-1", instance=machine.name),
            "warning",
        )


def pools(env: Environment) -> Iterator[Finding]:
    """All replicas of a pool's deployments have a GPU, at the least that runs and at the most."""
    for name, pool in env.cluster.gpu_pools.items():
        found = _offer(env, name)
        on_pool = [deployment for deployment in env.models.values() if deployment.pool == name]
        if found is None:
            continue
        gpus = pool.max * found.per_node
        least = sum(deployment.replicas.min * deployment.tensor_parallel for deployment in on_pool)
        most = sum(deployment.replicas.max * deployment.tensor_parallel for deployment in on_pool)
        if most > gpus:
            need = f"{least} all the time" if least > gpus else f"{most} at full scale"
            step = f"max: {ceil(most / found.per_node)}, or lower the replicas on it"
            parts = "slices" if pool.mig else "shares" if pool.time_slicing else "GPUs"
            message = f"{pool.max} x {pool.instance} have {gpus} {parts}; the models on it need {need}"
            yield Finding(("cluster", "gpu_pools", name, "max"), message, next=step)


def context(env: Environment, name: str) -> Iterator[Finding]:
    """A model reads no more tokens than it was trained for."""
    model, asked = _model(env, name), env.models[name].max_context_tokens
    if model and model.max_context_tokens and asked > model.max_context_tokens:
        place: Place = ("models", name, "max_context_tokens")
        yield Finding(place, f"{asked} tokens are more than {model.label} can read", f"at most {model.max_context_tokens}")


def tensor_parallel(env: Environment, name: str) -> Iterator[Finding]:
    """One replica stays on one node and splits its heads evenly."""
    deployment, model, machine = env.models[name], _model(env, name), _instance(env, env.models[name].pool)
    place: Place = ("models", name, "tensor_parallel")
    ways = deployment.tensor_parallel
    if machine and machine.gpu and ways > machine.gpus:
        larger = [other.name for other in _cloud(env).instances.values() if other.gpu == machine.gpu and other.gpus >= ways]
        step = f"instance: {larger[0]} on pool {deployment.pool}" if larger else ""
        yield Finding(place, f"{ways} GPUs for one replica, but {machine.name} has {machine.gpus}", f"at most {machine.gpus}", step)
    if model and (parts := uneven(model.layers, ways)):
        yield Finding(place, f"{model.label} has {parts}, which {ways} GPUs cannot share evenly")


def experts(env: Environment, name: str) -> Iterator[Finding]:
    """A mixture's experts can be spread over the GPUs of a replica as asked."""
    deployment, model = env.models[name], _model(env, name)
    try:
        if model:
            refuse_uneven(model, Spread(deployment.tensor_parallel, whole=deployment.expert_parallel))
    except BlueprintError as error:
        yield Finding(("models", name, "expert_parallel"), str(error), next=error.next_step)


def fit(env: Environment, name: str) -> Iterator[Finding]:
    """The model fits its GPU with the context and the concurrency asked for."""
    sizing = _sizing(env, name)
    if sizing is None or sizing.verdict == "fits":
        return
    machine, deployment = _instance(env, env.models[name].pool), env.models[name]
    gpu = accelerator(env, deployment.pool).gpu.label
    where = gpu if deployment.tensor_parallel == 1 else f"{deployment.tensor_parallel} x {gpu}"
    if sizing.verdict == "tight":
        message = f"{sizing.model} in {sizing.format} only just fits {where}; {sizing.sentence}"
        yield Finding(("models", name), message, next="measure it before you rely on it", severity="warning")
    elif sizing.verdict == "measure":
        message = f"nobody has read the memory of a {where} off its driver; by its name, {sizing.sentence}"
        yield Finding(("models", name), message, next="measure it, and add memory_gib to catalog/gpus/", severity="warning")
    else:
        message = f"{sizing.model} in {sizing.format} does not fit {where}; {sizing.sentence}"
        yield Finding(("models", name), message, next=", or ".join(_remedies(env, name, machine)))


def replicas(env: Environment, name: str) -> Iterator[Finding]:
    """A real-time model keeps a replica; a schedule stays within the bounds."""
    deployment = env.models[name]
    if deployment.replicas.min == 0 and deployment.priority != "batch":
        message = "a realtime model without a replica has no metrics that could wake it"
        yield Finding(("models", name, "replicas", "min"), message, next="min: 1, or priority: batch")
    elif deployment.replicas.min == 0 and deployment.schedule is None:
        message = "nothing wakes a model without a replica and without a schedule"
        yield Finding(("models", name, "replicas", "min"), message, next="add a schedule, or min: 1")
    if deployment.schedule and deployment.schedule.replicas > deployment.replicas.max:
        message = f"{deployment.schedule.replicas} replicas on schedule are more than replicas.max"
        yield Finding(("models", name, "schedule", "replicas"), message, f"at most {deployment.replicas.max}")


def spot(env: Environment, name: str) -> Iterator[Finding]:
    """Nodes that may be taken away carry batch work only."""
    deployment = env.models[name]
    pool = env.cluster.gpu_pools.get(deployment.pool)
    if pool and pool.spot and deployment.priority != "batch":
        steady = [other for other, candidate in env.cluster.gpu_pools.items() if not candidate.spot]
        message = f"{deployment.pool} is a spot pool, whose nodes may be taken away; a realtime model needs a steady one"
        yield Finding(("models", name, "pool"), message, ", ".join(steady), "another pool, or priority: batch")


def budget(env: Environment) -> Iterator[Finding]:
    """A budget below what the nodes that always run cost can only alarm."""
    cloud, floor, currency = _cloud(env), 0.0, ""
    for pool in (env.cluster.system_pool, *env.cluster.gpu_pools.values()):
        machine = cloud.instances.get(pool.instance)
        kind = "spot" if isinstance(pool, GpuPool) and pool.spot else "on-demand"
        prices = [price.amount for price in machine.prices if price.kind == kind] if machine else []
        currency = machine.prices[0].currency if machine and prices else currency
        floor += pool.min * min(prices, default=0.0) * HOURS_PER_MONTH
    if floor > env.budget.amount_per_month:
        cost = f"{floor:,.0f} {currency} at the lowest list price known"
        message = f"{env.budget.amount_per_month} is less than what the nodes that always run cost, {cost}"
        yield Finding(("budget", "amount_per_month"), message, next="raise it, or lower `min` of the pools", severity="warning")


def _cloud(env: Environment) -> Provider:
    return provider(env)


def _instance(env: Environment, pool: str) -> InstanceType | None:
    known = env.cluster.gpu_pools.get(pool)
    return _cloud(env).instances.get(known.instance) if known else None


def _offer(env: Environment, pool: str) -> Accelerator | None:
    """What a pool offers, or None where a name it needs is unknown."""
    try:
        return accelerator(env, pool)
    except KeyError:
        return None


def _model(env: Environment, name: str) -> Model | None:
    return load_catalog().models.get(env.models[name].model)


def _instances(cloud: Provider, gpu: bool) -> list[str]:
    return [machine.name for machine in cloud.instances.values() if bool(machine.gpu) == gpu]


def _unknown_instance(place: Place, name: str, cloud: Provider, gpu: bool) -> Finding:
    step = f"add it to {cloud.written_in or f'catalog/providers/{cloud.name}.yaml'}"
    return unknown(place, f"instance type of {cloud.label} in the catalogue", name, _instances(cloud, gpu), step)


def _sizing(env: Environment, name: str) -> Sizing | None:
    """Sizing, or None where a name it needs is unknown: another check says so."""
    model = _model(env, name)
    known = model is not None and env.models[name].format in model.formats and _offer(env, env.models[name].pool) is not None
    return size_deployment(env, name) if known else None


def _remedies(env: Environment, name: str, machine: InstanceType | None) -> list[str]:
    """Single changes with which the deployment fits, each tried."""
    deployment, model = env.models[name], load_catalog().models[env.models[name].model]
    contexts = [deployment.max_context_tokens >> shift for shift in range(1, 12)]
    shorter = next((tokens for tokens in contexts if tokens >= SHORTEST_CONTEXT and _fits(env, name, max_context_tokens=tokens)), None)
    smaller = sorted(model.formats, key=lambda format: -model.formats[format].weights_gib)
    whole = env.cluster.gpu_pools[deployment.pool].mig is None and env.cluster.gpu_pools[deployment.pool].time_slicing is None
    wider = [ways for ways in (2, 4, 8) if whole and ways > deployment.tensor_parallel and _fits(env, name, tensor_parallel=ways)]
    found = [f"max_context_tokens: {shorter}"] if shorter else []
    found += ["kv_cache: fp8"] if deployment.kv_cache == "auto" and _fits(env, name, kv_cache="fp8") else []
    found += [f"format: {format}" for format in smaller if format != deployment.format and _fits(env, name, format=format)][:1]
    if wider:
        enough = machine is not None and machine.gpus >= wider[0]
        found.append(f"tensor_parallel: {wider[0]}" + ("" if enough else f" on an instance with {wider[0]} GPUs"))
    return found or ["a smaller model or a larger GPU"]


def _fits(env: Environment, name: str, **changes: object) -> bool:
    changed = env.models[name].model_copy(update=changes)
    return size_deployment(env.model_copy(update={"models": {name: changed}}), name).verdict != "does-not-fit"
