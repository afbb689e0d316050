"""What changes when an environment moves to another cloud target: resources, guarantees, cards, verdicts, cost.

The other target's settings (`cluster`, `state`) are those of a given file, or of the nearest shipped environment on it:
the same zone first, then the same data class. Models keep their pool where one of that name exists there. What the moved
environment would be refused for is part of the answer: those are the lines to change by hand.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blueprint.environment import Environment, checks
from blueprint.environment.checks import Finding
from blueprint.environment.document import show
from blueprint.environment.loading import examine, files, load
from blueprint.errors import BlueprintError
from blueprint.hosting import accelerator
from blueprint.node import use_our_node
from blueprint.rehearsal.cost import Amount, MonthlyCost, monthly_cost
from blueprint.sizing import size_deployment

PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Serving:
    """How one model deployment is served: `card` × `cards` per replica, GiB of one, and what sizing says."""

    card: str
    cards: int
    memory_gib: float
    verdict: str
    requests: int


@dataclass(frozen=True)
class Side:
    """An environment on one target. `resources` and `guarantees` are None where it cannot be synthesized."""

    target: str
    region: str
    models: Mapping[str, Serving | None]
    cost: MonthlyCost
    resources: Mapping[str, int] | None
    guarantees: Mapping[str, str] | None


@dataclass(frozen=True)
class Difference:
    """`findings` are what validation says of the environment after the move, `settings` names the file they came from."""

    environment: str
    settings: str
    here: Side
    there: Side
    findings: tuple[Finding, ...]


def compare(env: Environment, target: str, folder: Path, file: Path | None = None) -> Difference:
    """The difference between an environment and itself on another target.

    Raises:
        BlueprintError: it is there already, no environment on that target is known, or synthesis fails.
    """
    if env.cluster.target == target:
        raise BlueprintError(f"{env.name} is on {target} already", "name another target with --to")
    settings, other = (file, _read(file, target)) if file else _nearest(env, target, folder)
    moved = move(env, other)
    findings = tuple(checks.run(moved))
    valid = not any(finding.severity == "error" for finding in findings)
    described = _describe([env, moved] if valid else [env])
    here, there = _side(env, described[0]), _side(moved, described[1] if valid else {})
    return Difference(env.name, str(settings), here, there, findings)


def move(env: Environment, other: Environment) -> Environment:
    """The environment with the cluster and state of another one, its models on the pools that exist there."""
    models = {name: model.model_copy(update={"pool": _pool(env, other, model.pool)}) for name, model in env.models.items()}
    return env.model_copy(update={"cluster": other.cluster, "state": other.state, "models": models})


def _pool(env: Environment, other: Environment, name: str) -> str:
    """The pool of the same name; else one as lasting (spot or not); else any."""
    pools = other.cluster.gpu_pools
    spot = getattr(env.cluster.gpu_pools[name], "spot", False)
    alike = [other_name for other_name, pool in pools.items() if getattr(pool, "spot", False) == spot]
    return name if name in pools else (alike or list(pools))[0]


def _nearest(env: Environment, target: str, folder: Path) -> tuple[Path, Environment]:
    known = {path: found for path in files(folder) if (found := examine(path)[0]) is not None}
    on_target = {path: other for path, other in known.items() if other.cluster.target == target}
    if not on_target:
        targets = sorted({other.cluster.target for other in known.values()} - {env.cluster.target})
        allowed = f"targets of {folder}/ are {', '.join(targets)}" if targets else f"{folder}/ knows no other target"
        raise BlueprintError(f"no environment in {folder}/ is on {target}", f"{allowed}; or give one with --environment-file")
    wanted = env.data_residency
    return min(
        on_target.items(),
        key=lambda item: (item[1].data_residency.zone != wanted.zone, item[1].data_residency.data_class != wanted.data_class, item[0]),
    )


def _read(file: Path, target: str) -> Environment:
    other = load(file)
    if other.cluster.target != target:
        raise BlueprintError(f"{file} is on {other.cluster.target}, not on {target}", "name a file of that target")
    return other


def _describe(environments: Iterable[Environment]) -> list[dict[str, Any]]:
    """Resources and guarantees of environments, from a process that may use Terraform's CDK."""
    use_our_node()
    given = json.dumps([env.model_dump(mode="json") for env in environments])
    done = subprocess.run([sys.executable, "-m", "stacks.describe"], cwd=PROJECT, input=given, capture_output=True, text=True)
    if done.returncode:
        (*_, reason) = done.stderr.strip().splitlines() or ["no reason given"]
        raise BlueprintError(f"synthesis failed: {reason}", "rehearse both environments on their own")
    described: list[dict[str, Any]] = json.loads(done.stdout)
    return described


def _side(env: Environment, described: Mapping[str, Any]) -> Side:
    return Side(
        target=env.cluster.target,
        region=env.cluster.region,
        models={name: _serving(env, name) for name in env.models},
        cost=monthly_cost(env),
        resources=described.get("resources"),
        guarantees=described.get("guarantees"),
    )


def _serving(env: Environment, name: str) -> Serving | None:
    """None where sizing cannot say: the findings tell why."""
    deployment = env.models[name]
    try:
        sizing, card = size_deployment(env, name), accelerator(env, deployment.pool).gpu
    except KeyError:
        return None
    return Serving(card.label, deployment.tensor_parallel, card.memory_gib, sizing.verdict, int(sizing.flags["max_num_seqs"]))


def render(difference: Difference) -> list[tuple[str, list[str]]]:
    """The difference as titled paragraphs, for people."""
    here, there = difference.here, difference.there
    errors = [finding for finding in difference.findings if finding.severity == "error"]
    return [
        (
            f"{difference.environment}: {here.target} in {here.region} → {there.target} in {there.region}",
            [f"settings of {difference.settings}"],
        ),
        ("Guarantees", _pairs(here.guarantees, there.guarantees)),
        ("Models", [f"{name}: {_served(here.models[name])} → {_served(there.models[name])}" for name in here.models]),
        ("Nodes per month", [f"{name}: {_amounts(one)} → {_amounts(other)}" for name, one, other in _costs(here.cost, there.cost)]),
        ("Resources", _kinds(here.resources, there.resources)),
        ("To change by hand", [f"{show(finding.place)}: {finding.message}" for finding in errors] or ["nothing"]),
    ]


def _pairs(here: Mapping[str, str] | None, there: Mapping[str, str] | None) -> list[str]:
    if here is None or there is None:
        return ["known once the environment is valid there"]
    return [f"{name.replace('_', ' ')}: {here[name]} → {there[name]}" for name in here if here[name] != there[name]]


def _served(serving: Serving | None) -> str:
    if serving is None:
        return "unknown"
    return f"{serving.cards} × {serving.card} ({serving.memory_gib:g} GiB), {serving.verdict}, {serving.requests} requests"


def _costs(here: MonthlyCost, there: MonthlyCost) -> list[tuple[str, tuple[Amount, ...], tuple[Amount, ...]]]:
    return [("now", here.now, there.now), ("every pool full", here.most, there.most)]


def _amounts(amounts: tuple[Amount, ...]) -> str:
    return " + ".join(f"{_range(amount)} {amount.currency}" for amount in amounts) or "no list price"


def _range(amount: Amount) -> str:
    return f"{amount.low:,}" if amount.low == amount.high else f"{amount.low:,} to {amount.high:,}"


def _kinds(here: Mapping[str, int] | None, there: Mapping[str, int] | None) -> list[str]:
    """What both have in other numbers, and what only one has: there the names say little, JSON has them."""
    if here is None or there is None:
        return ["known once the environment is valid there"]
    changed = [kind for kind in sorted({*here} & {*there}) if here[kind] != there[kind]]
    lines = [f"{kind}: {here[kind]} → {there[kind]}" for kind in changed]
    for label, one, other in (("gone", here, there), ("new", there, here)):
        if alone := sorted({*one} - {*other}):
            lines.append(f"{label}: {sum(one[kind] for kind in alone)} resources of {len(alone)} kinds ({', '.join(alone)})")
    return lines or ["the same"]
