"""Commands that go before a real deploy: the place for Terraform's state, and what the cloud must offer."""

import os
from pathlib import Path
from typing import Annotated

import typer

from blueprint.cli.common import EnvironmentArgument, Format, FormatOption, load, path_of, print_json

app = typer.Typer()


@app.command()
def bootstrap(
    environment: EnvironmentArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    format: FormatOption = Format.text,
) -> None:
    """Create the storage for Terraform's state, in the zone; a second run changes nothing."""
    from blueprint.bootstrap import bootstrap as run

    report = run(path_of(environment), dry_run=dry_run)
    print(report) if format is Format.text else print_json(report.as_dict())


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
