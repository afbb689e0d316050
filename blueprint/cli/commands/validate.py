"""The command that says whether environments are valid."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blueprint.cli.common import FOLDER, Format, FormatOption, path_of, print_json

if TYPE_CHECKING:
    from blueprint.errors import Problem

app = typer.Typer()


@app.command()
def validate(
    files: Annotated[list[str] | None, typer.Argument(metavar="[ENV]...", help="Names or paths of environments.")] = None,
    all: Annotated[bool, typer.Option("--all", help="Every file in environments/.")] = False,
    format: FormatOption = Format.text,
) -> None:
    """Check environments: all mistakes at once, with line, allowed values and next step."""
    from blueprint.environment import loading
    from blueprint.residency_catalog import stale, today

    if bool(files) == all:
        raise typer.BadParameter("name at least one environment, or use --all")
    paths = loading.files(FOLDER) if all else [path_of(file) for file in files or []]
    problems = {path: loading.examine(path)[1] for path in paths}
    _print_problems(problems, stale(today()), format)
    if any(problem.severity == "error" for found in problems.values() for problem in found):
        raise typer.Exit(1)


def _print_problems(problems: "dict[Path, list[Problem]]", catalog: "list[Problem]", format: Format) -> None:
    found = [problem for each in [*problems.values(), catalog] for problem in each]
    errors = sum(problem.severity == "error" for problem in found)
    if format is Format.json:
        files = [
            {
                "file": str(path),
                "valid": all(problem.severity != "error" for problem in each),
                "problems": [problem.as_dict() for problem in each],
            }
            for path, each in problems.items()
        ]
        print_json(
            {"files": files, "catalog": [problem.as_dict() for problem in catalog], "errors": errors, "warnings": len(found) - errors}
        )
        return
    for problem in found:
        print(problem if problem.severity == "error" else replace(problem, message=f"warning: {problem.message}"))
    print(_summary(len(problems), errors, len(found) - errors))


def _summary(files: int, errors: int, warnings: int) -> str:
    said = [_count(errors, "error")] if errors else [f"{_count(files, 'environment')} valid"]
    return ", ".join([*said, *([_count(warnings, "warning")] if warnings else [])])


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
