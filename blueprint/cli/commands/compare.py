"""The command that lays engines, hardware and models side by side."""

from enum import StrEnum
from typing import Annotated

import typer

from blueprint.cli.common import Format, FormatOption, print_json

app = typer.Typer()


class Subject(StrEnum):
    """What can be compared."""

    engines = "engines"
    hardware = "hardware"
    models = "models"


@app.command()
def compare(
    subject: Annotated[Subject, typer.Argument(metavar="WHAT", help="engines, hardware or models.")],
    format: FormatOption = Format.text,
) -> None:
    """Compare inference engines, cards or open models: published figures, whether they can be true, and what fits."""
    from blueprint.recommendation import compare as tables

    if format is Format.json:
        print_json(tables.as_dict(subject))
        return
    lines = {Subject.engines: tables.engines, Subject.hardware: tables.hardware, Subject.models: tables.models}[subject]
    print(*lines(), sep="\n")
