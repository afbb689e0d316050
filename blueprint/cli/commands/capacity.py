"""The command that says how many GPUs a demand needs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blueprint.cli.common import EnvironmentArgument, Format, FormatOption, load, print_json

if TYPE_CHECKING:
    from blueprint.capacity import Capacity
    from blueprint.capacity.sharing import Pool, Sharing
    from blueprint.throughput.measured import Point

app = typer.Typer()
SLOWEST = "The slowest a request may be written, where the demand has no itl_p95_ms."


@app.command()
def capacity(
    environment: EnvironmentArgument,
    demand: Annotated[Path | None, typer.Option(metavar="FILE", help="What applications ask for; demand/<ENV>.yaml if left out.")] = None,
    measured: Annotated[
        list[str] | None, typer.Option(metavar="DEPLOYMENT=FILE", help="guidellm's or aiperf's JSON of one replica; may be repeated.")
    ] = None,
    ms_per_token: Annotated[float, typer.Option(min=1, max=10_000, help=SLOWEST)] = 80.0,
    sharing: Annotated[bool, typer.Option("--sharing", help="Show which use cases fit together on one card, too.")] = False,
    format: FormatOption = Format.text,
) -> None:
    """Show how many GPUs the demand needs, limit by limit, with redundancy, and the autoscaling bounds that follow."""
    from blueprint.capacity import capacity as needed
    from blueprint.capacity import replica
    from blueprint.errors import BlueprintError
    from blueprint.workload.loading import load_demand

    env = load(environment)
    asked = load_demand(demand or Path("demand") / f"{env.name}.yaml")
    points = _points(measured or [], list(env.models))
    names = [name for name in env.models if name in asked.workload]
    if not names:
        raise BlueprintError(
            f"the demand has no use case of a model deployment of {env.name}",
            f"name one of them {', '.join(env.models)}, as in the environment",
        )
    found = {
        name: needed(env, name, asked.workload[name], replica(env, name, points.get(name, ())), asked.hours_per_month, ms_per_token)
        for name in names
    }
    shared: list[tuple[Pool, list[Sharing]]] = []
    if sharing:
        from blueprint.capacity.sharing import pools, sharings

        shared = [(pool, list(sharings(pool))) for pool in pools(env, asked, found, ms_per_token)]
    if format is Format.json:
        _print_json(found, shared if sharing else None)
    else:
        for name, each in found.items():
            _print(name, each)
        _print_pools(found)
        for pool, ways in shared:
            _print_sharing(pool, ways)
    raise typer.Exit(1 if any(each.most > each.allowed or each.missed for each in found.values()) else 0)


def _points(measured: list[str], known: list[str]) -> "dict[str, tuple[Point, ...]]":
    from blueprint.errors import BlueprintError
    from blueprint.throughput.measured import read

    points: dict[str, tuple[Point, ...]] = {}
    for said in measured:
        name, _, path = said.partition("=")
        if name not in known or not path:
            raise BlueprintError(f"--measured is {said!r}", f"--measured DEPLOYMENT=FILE, with one of {', '.join(known)}")
        points[name] = (*points.get(name, ()), *read(Path(path)))
    return points


def _print_json(found: "dict[str, Capacity]", shared: "list[tuple[Pool, list[Sharing]]] | None") -> None:
    """By deployment; with --sharing that is under `deployments`, beside `sharing`."""
    from dataclasses import asdict

    plain = {name: {**asdict(each), "gpus": each.gpus, "limited_by": each.decisive.name} for name, each in found.items()}
    if shared is None:
        print_json(plain)
        return
    ways = [{**asdict(way), "effect": way.effect.model_dump(), "cards_now": pool.cards} for pool, found in shared for way in found]
    print_json({"deployments": plain, "sharing": ways})


def _print(name: str, each: "Capacity") -> None:
    from blueprint.cost.wording import counted, wrapped

    basis = "measured" if each.measured else "not measured: the cautious end of a band"
    print(f"{name}: {counted(each.gpus, 'GPU')}, limited by {each.decisive.name} ({basis})")
    for limit in each.limits:
        span = f"{limit.replicas}" if limit.replicas == limit.at_best else f"{limit.at_best} to {limit.replicas}"
        print(wrapped(f"  {limit.name:<12}{span:>9}  {limit.why}", 25))
    print(f"  {'redundancy':<12}{f'+ {each.redundant}':>9}  {each.why_redundant}")
    print(f"  utilization on average {_span(each.busy)}")
    print(
        wrapped(
            f"  suggested: replicas {{min: {each.least}, max: {each.most}}}, threshold {counted(each.threshold, 'request')} per replica", 4
        )
    )
    if each.most > each.allowed:
        print(f"  TOO FEW: models.{name}.replicas.max is {each.allowed}, needed are {each.most}")
    for target in each.missed:
        print(wrapped(f"  TOO SLOW: {target}", 4))
    for note in each.notes:
        print(wrapped(f"  note: {note}", 4))


def _print_pools(found: "dict[str, Capacity]") -> None:
    from blueprint.cost.wording import counted

    for pool in sorted({each.pool for each in found.values()}):
        takers = [each for each in found.values() if each.pool == pool]
        print(f"pool {pool}: {counted(sum(each.gpus for each in takers), 'GPU')} for {', '.join(each.deployment for each in takers)}")


def _print_sharing(pool: "Pool", ways: "list[Sharing]") -> None:
    cards = f"{pool.cards} whole card{'s' if pool.cards > 1 else ''}"
    print(f"sharing cards of pool {pool.name}: {cards} for {', '.join(pool.needed)}, {_span(pool.busy)} busy on average")
    for way in ways:
        if way.refused:
            print(f"  {way.way}: no, {way.refused}")
            continue
        parts = ", ".join(f"{name} {part.count}" for name, part in way.parts.items())
        whole = f"; {', '.join(way.whole)} on whole cards" if way.whole else ""
        print(f"  {way.way}: {way.cards} card{'s' if way.cards > 1 else ''}, {_span(way.busy)} busy; {way.unit}: {parts}{whole}")
        slower = ", ".join(
            f"{name} {each.ms_per_token:,.0f} (whole card {each.ms_per_token_whole:,.0f})" for name, each in way.parts.items()
        )
        print(f"    ms per token of a request alone, at most: {slower}")
        print(f"    isolation: {way.effect.isolation}")
        print(f"    latency: {way.effect.latency} [{way.effect.source}, {way.effect.as_of}]")
        print(f"    to have it: cluster.gpu_pools.{pool.name} with {way.setting}, min 1 or more")


def _span(busy: tuple[float, float]) -> str:
    return f"{busy[0]:.1%} to {busy[1]:.1%}"
