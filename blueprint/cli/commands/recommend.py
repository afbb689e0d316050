"""The command that says where each use case should run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blueprint.cli.common import EnvironmentArgument, Format, FormatOption, load, print_json

if TYPE_CHECKING:
    from blueprint.workload import Demand

app = typer.Typer()


@app.command()
def recommend(
    environment: EnvironmentArgument,
    demand: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What applications ask for; demand/<ENV>.yaml if left out and there.")
    ] = None,
    only: Annotated[str | None, typer.Option(metavar="USE_CASE", help="Everything about one use case.")] = None,
    full: Annotated[bool, typer.Option("--full", help="All of it, not one screen.")] = False,
    format: FormatOption = Format.text,
) -> None:
    """Say where each use case should run, and why: the law first, then needs, cost and people."""
    from blueprint.errors import BlueprintError
    from blueprint.recommendation import recommend as recommended
    from blueprint.recommendation import render

    env = load(environment)
    found = recommended(env, _demand(demand, env.name))
    names = [one.name for one in found.use_cases]
    if only is not None and only not in names:
        raise BlueprintError(f"{env.name} has no use case {only}", f"choose one of {', '.join(names)}")
    if format is Format.json:
        from blueprint.recommendation.export import as_dict

        print_json(as_dict(found))
    elif only is not None:
        print(*render.use_case(found.use_cases[names.index(only)]), sep="\n")
    else:
        print(*(render.full(found) if full else render.screen(found)), sep="\n")
    raise typer.Exit(1 if any(one.placement == "none" for one in found.use_cases) else 0)


def _demand(path: Path | None, environment: str) -> "Demand | None":
    from blueprint.workload.loading import load_demand

    usual = Path("demand") / f"{environment}.yaml"
    return load_demand(path or usual) if path or usual.exists() else None
