"""The command that says what another cloud target would change."""

from pathlib import Path
from typing import Annotated

import typer

from blueprint.cli.common import FOLDER, EnvironmentArgument, Format, FormatOption, load, print_json

app = typer.Typer()


@app.command()
def diff_targets(
    environment: EnvironmentArgument,
    to: Annotated[str, typer.Option(metavar="TARGET", help="The cloud target to move to, such as kapsule.")],
    file: Annotated[
        Path | None, typer.Option("--environment-file", metavar="FILE", help="Whose cluster to take; the nearest shipped one if left out.")
    ] = None,
    format: FormatOption = Format.text,
) -> None:
    """Show what changes when an environment moves to another target: guarantees, cards, cost, resources."""
    from blueprint import diff_targets

    difference = diff_targets.compare(load(environment), to, FOLDER, file)
    if format is Format.json:
        from dataclasses import asdict

        print_json(asdict(difference))
        return
    for title, lines in diff_targets.render(difference):
        print(title, *(f"  {line}" for line in lines), "", sep="\n")
