"""The command that turns cdktf to stand-ins for the cloud."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def standins(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where the stand-ins and their cloud live.")] = Path(".rehearsal"),
) -> None:
    """Set up stand-ins for the cloud; `eval "$(blueprint standins)"` then turns cdktf to them."""
    from blueprint.rehearsal import mirror

    print("\n".join(mirror.exports(folder.resolve())))
    print("cdktf deploys to stand-ins in a shell that takes these lines over; open a new one for the real cloud", file=sys.stderr)
