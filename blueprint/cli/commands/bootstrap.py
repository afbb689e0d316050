"""The command that makes the place for Terraform's state, before a real deploy."""

from typing import Annotated

import typer

from blueprint.cli.common import EnvironmentArgument, Format, FormatOption, path_of, print_json

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
