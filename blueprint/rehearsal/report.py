"""How a rehearsal is told: rows and paragraphs for people, one JSON object for programs."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from blueprint.errors import BlueprintError
from blueprint.rehearsal.display import Display
from blueprint.rehearsal.rehearse import Engine, rehearse
from blueprint.rehearsal.summary import Summary, render


def tell(file: Path, *, engine: Engine, program: str | None, keep: Path | None) -> None:
    """Rehearse before a person's eyes. Raises what `rehearse` raises."""
    console = Console(highlight=False)
    summary = rehearse(file, Display(console), engine=engine, program=program, keep=keep)
    product, stand_ins = summary.terraform.split()[0], " and ".join(summary.stand_ins)
    console.print(f"\n  Rehearsed with stand-ins for {stand_ins}: {product} was real, the cloud was not.", soft_wrap=True)
    console.print(_paragraphs(summary))


def _paragraphs(summary: Summary) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, lines in render(summary):
        table.add_row(f"  {label}", "\n".join(lines))
    return table


def as_data(file: Path, *, engine: Engine, program: str | None, keep: Path | None) -> dict[str, Any]:
    """Rehearse silently; `error` is None when all went well, and `summary` only then there."""
    display = Display(Console(quiet=True))
    summary = error = None
    try:
        summary = asdict(rehearse(file, display, engine=engine, program=program, keep=keep))
    except BlueprintError as problem:
        error = {"message": str(problem), "exit_code": problem.exit_code}
    steps = [{"name": step.name, "detail": step.detail, "state": step.state, "seconds": round(step.seconds, 2)} for step in display.steps]
    return {"environment": file.stem, "steps": steps, "error": error, "summary": summary}
