"""The command that writes the decision report."""

from pathlib import Path
from typing import Annotated

import typer

from blueprint.cli.common import EnvironmentArgument, load

app = typer.Typer()


@app.command()
def report(
    environment: EnvironmentArgument,
    demand: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What applications ask for; demand/<ENV>.yaml if left out, where there is one.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the page.")] = Path("report.html"),
) -> None:
    """Write the decision report: one HTML page with the answer, its reasons, charts, and every assumption with its source."""
    from blueprint.report import gather, render, write
    from blueprint.workload.loading import load_demand

    env = load(environment)
    usual = Path("demand") / f"{env.name}.yaml"
    asked = demand or (usual if usual.exists() else None)
    command = f"blueprint report {env.name}" + (f" --demand {asked}" if asked else "")
    page = render(gather(env, load_demand(asked) if asked else None, command))
    write(page, output)
    print(f"{output}: {env.name}, {len(page.encode()) / 1024:,.0f} KiB, one file that needs nothing else")
