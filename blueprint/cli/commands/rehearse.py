"""The command that deploys without a cloud: on stand-ins for its providers."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from blueprint.cli.common import EnvironmentArgument, Format, FormatOption, path_of, print_json

app = typer.Typer()


class Engine(StrEnum):
    """The CDK that synthesizes."""

    cdktf = "cdktf"
    cdktn = "cdktn"


@app.command()
def rehearse(
    environment: EnvironmentArgument,
    engine: Annotated[Engine, typer.Option(help="The CDK to synthesize with.")] = Engine.cdktf,
    terraform: Annotated[str | None, typer.Option(metavar="PATH", help="The Terraform or OpenTofu to use.")] = None,
    keep: Annotated[Path | None, typer.Option(metavar="DIR", help="Leave everything in this new folder.")] = None,
    format: FormatOption = Format.text,
) -> None:
    """Plan, apply and check an environment with the real Terraform and stand-ins for the cloud."""
    from blueprint.rehearsal import report

    if format is Format.text:
        report.tell(path_of(environment), engine=engine.value, program=terraform, keep=keep)
        return
    result = report.as_data(path_of(environment), engine=engine.value, program=terraform, keep=keep)
    print_json(result)
    if result["error"]:
        raise typer.Exit(result["error"]["exit_code"])
