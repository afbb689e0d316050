"""The command that writes what editors know of environments."""

from typing import Annotated

import typer

from blueprint.cli.common import FOLDER

app = typer.Typer()


@app.command()
def schema(show: Annotated[bool, typer.Option("--print", help="Print it instead of writing the file.")] = False) -> None:
    """Write environments/environment.schema.json, from which editors know the keys."""
    from blueprint.environment.schema import render
    from blueprint.errors import BlueprintError

    path = FOLDER / "environment.schema.json"
    if show:
        print(render(), end="")
        return
    if not FOLDER.is_dir():
        raise BlueprintError(f"there is no {FOLDER}/ here", "run this in the project's folder, or with --print")
    path.write_text(render(), encoding="utf-8")
    print(f"wrote {path}")
