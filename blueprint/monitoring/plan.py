"""What was planned and declared, as series that never change: prices, places in a batch, nodes, who may send what, and where it goes.

Dashboards hold what is measured against them, and a bill in EUR needs no second list of prices. The figures are the decision layer's
own (blueprint/cost, blueprint/sizing) and the environment's.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from blueprint import places
from blueprint.catalog.prices import load_prices
from blueprint.cost.machines import Pool
from blueprint.cost.nodes import average_nodes, environment_fleet
from blueprint.cost.tokens import MILLION, TokenRate, rate
from blueprint.environment import Api, Environment
from blueprint.errors import BlueprintError
from blueprint.facts import Unknown
from blueprint.monitoring.builtin import NAMESPACE
from blueprint.monitoring.settings import shown
from blueprint.sizing import size_deployment
from blueprint.sizing.deployment import TARGET_SHARE

Rule = dict[str, Any]


def recordings(env: Environment) -> list[Rule]:
    """Every figure of the plan that the catalogue knows; a price nobody has written down is no series. Each series once: two APIs of
    an environment can be one model."""
    rules = [*_models(env), *_apis(env), *_nodes(env), *_teams(env)]
    return list({(rule["record"], *sorted(rule["labels"].items())): rule for rule in rules}.values())


def _models(env: Environment) -> Iterator[Rule]:
    """Requests one replica is planned to hold (what autoscaling aims at), the list price of one of its GPUs, and where it is."""
    fleet = {pool.name: pool for pool in environment_fleet(env)[0].pools}
    for name, wish in env.models.items():
        own = {"cluster": env.name, "namespace": NAMESPACE, "model_name": name}
        sizing = size_deployment(env, name)
        held = TARGET_SHARE * min(sizing.max_concurrency, int(sizing.flags["max_num_seqs"]))
        yield _constant("model:replica_requests:planned", max(1.0, held), own)
        price = _eur_per_hour(fleet[wish.pool])
        if price is not None:
            yield _constant("model:gpu_eur_per_hour:list", price / fleet[wish.pool].gpus, own)
        yield _destination(env, name, "our own cluster", env.cluster.region)


def _apis(env: Environment) -> Iterator[Rule]:
    """List prices per token, and where prompts are processed. An API is called as the gateway calls it: by the name of its deployment
    at Azure, by the model's name elsewhere."""
    for name, api in env.apis.items():
        called = name if api.provider == "azure-openai" else api.model
        listed = _listed(api)
        if listed:
            own = {"cluster": env.name, "model_name": called}
            yield _constant("model:token_eur:list", _eur(listed.input, listed.currency) / MILLION, {**own, "gen_ai_token_type": "input"})
            yield _constant("model:token_eur:list", _eur(listed.output, listed.currency) / MILLION, {**own, "gen_ai_token_type": "output"})
        place = places.processing(api.provider, api.deployment, api.region)
        where = "not known" if isinstance(place, Unknown) else place.label
        operator = "not known" if isinstance(place, Unknown) else place.operator
        yield _destination(env, called, operator, where)


def _listed(api: Api) -> TokenRate | None:
    try:
        return rate(f"{api.provider}/{api.model}")
    except BlueprintError:
        return None


def _destination(env: Environment, model: str, operator: str, where: str) -> Rule:
    return _constant("model:destination:info", 1, {"cluster": env.name, "model_name": model, "operator": operator, "place": where})


def _nodes(env: Environment) -> Iterator[Rule]:
    """Machines with GPUs as schedules need them over a week, what the whole fleet costs an hour, and the budget."""
    own = {"cluster": env.name}
    for name in env.cluster.gpu_pools:
        yield _constant("pool:gpu_nodes:planned", average_nodes(env, name), {**own, "pool": name})
    for pool in environment_fleet(env)[0].pools:
        cost = _eur_per_hour(pool)
        if cost is not None:
            yield _constant("pool:eur_per_hour:planned", pool.nodes * cost, {**own, "pool": pool.name})
            yield _constant("pool:node_eur_per_hour:list", cost, {**own, "pool": pool.name})
    if env.budget:
        yield _constant("cluster:eur_per_month:budget", env.budget.amount_per_month, own)


def _eur_per_hour(pool: Pool) -> float | None:
    """The middle of a machine's list prices."""
    return None if pool.price is None else _eur(pool.price.base, pool.currency)


def _eur(amount: float, currency: str) -> float:
    return amount if currency == "EUR" else amount / load_prices().assumptions["usd_per_eur"].base


def _teams(env: Environment) -> Iterator[Rule]:
    """The strictest data each team may send."""
    for name, team in env.gateway.teams.items():
        yield _constant("consumer:data_class:info", 1, {"cluster": env.name, "consumer": name, "data_class": team.data_class})


def _constant(record: str, value: float, labels: Mapping[str, str]) -> Rule:
    return {"record": record, "expr": f"vector({shown(float(f'{value:.6g}'))})", "labels": dict(labels)}
