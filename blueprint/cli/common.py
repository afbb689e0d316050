"""What commands share: how environments are named, and how results are printed."""

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from blueprint.environment import Environment

FOLDER = Path("environments")


class Format(StrEnum):
    """How a command prints its result."""

    text = "text"
    json = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="For people or for programs.")]
EnvironmentArgument = Annotated[str, typer.Argument(metavar="ENV", help="A name (environments/<name>.yaml) or a path.")]


def path_of(environment: str) -> Path:
    """A path as it is; a name as its file in environments/."""
    from blueprint.errors import BlueprintError

    if environment.endswith((".yaml", ".yml")) or os.sep in environment:
        return Path(environment)
    path = FOLDER / f"{environment}.yaml"
    if not path.exists():
        from difflib import get_close_matches

        known = sorted(other.stem for other in FOLDER.glob("*.yaml"))
        close = get_close_matches(environment, known, n=1)
        hint = f"did you mean {close[0]}? There are {', '.join(known)}" if close else f"choose one of {', '.join(known)}"
        raise BlueprintError(f"there is no {path}", hint if known else "run this where environments/ is")
    return path


def load(environment: str) -> "Environment":
    """The environment, for commands that need a valid one."""
    from blueprint.environment import loading

    return loading.load(path_of(environment))


def print_json(data: object) -> None:
    """A result for programs."""
    import json

    print(json.dumps(data, indent=2, ensure_ascii=False))
