"""The command that says, before a real deploy, what the cloud lacks."""

import os
from pathlib import Path
from typing import Annotated

import typer

from blueprint.cli.common import EnvironmentArgument, Format, FormatOption, load, print_json

app = typer.Typer()


@app.command()
def preflight(
    environment: EnvironmentArgument,
    evidence: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep the answers in a new file there.")] = None,
    format: FormatOption = Format.text,
) -> None:
    """Check what must be true before a real deploy: quota, sizes, rights, versions, private names.

    BLUEPRINT_LAYER=foundation leaves out what only the first deploy creates. Anything not ok, not run included: exit code 1.
    """
    from blueprint.preflight import report

    layer = report.layer(os.environ.get("BLUEPRINT_LAYER"))
    if format is Format.text:
        ok = report.tell(load(environment), layer=layer, evidence=evidence)
    else:
        data = report.as_data(load(environment), layer=layer, evidence=evidence)
        print_json(data)
        ok = data["ok"]
    if not ok:
        raise typer.Exit(1)
