"""`blueprint policies`: check what was synthesized, planned or rendered; list and explain the rules."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from blueprint.policy.report import Report

PATIENCE_SECONDS = 2

app = typer.Typer(name="policies", help="Rules on where data may be, who reaches it, and how changes are made.", no_args_is_help=True)


class Output(StrEnum):
    """How a report is written."""

    text = "text"
    json = "json"
    sarif = "sarif"
    junit = "junit"


@app.command()
def check(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A project or its cdktf.out, a stack, a plan, manifests, a gateway's configuration.")
    ],
    plan: Annotated[Path | None, typer.Option(metavar="FILE", help="`terraform show -json` of the same stack's plan.")] = None,
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Instead of what the stack declares.")] = "",
    country: Annotated[str, typer.Option(metavar="CC", help="Only this country (ISO 3166), inside the zone.")] = "",
    data_class: Annotated[str, typer.Option(metavar="CLASS", help="Instead of what the stack declares.")] = "",
    waivers: Annotated[Path | None, typer.Option(metavar="FILE", help="Failures somebody answers for until a day.")] = None,
    pipeline: Annotated[bool, typer.Option("--pipeline", help="Judge the variables of this shell, too.")] = False,
    checkov: Annotated[bool, typer.Option("--checkov", help="Run checkov with the same rules, too, and refuse what it misses.")] = False,
    format: Annotated[Output, typer.Option(help="For people, programs, code scanning or CI.")] = Output.text,
) -> None:
    """Check that data stays where it may be. Exit 1: it does not, nobody can tell, or something was not looked at."""
    from blueprint.policy import checking
    from blueprint.policy.declared import Options

    options = Options(zone, data_class, country)
    with _patience(f"reading {path}"):
        report = checking.check(path, options, plan, waivers, os.environ if pipeline else None)
        if checkov:
            from blueprint.policy.checkov import missed

            report = replace(report, results=[*report.results, *missed(path, report, options)])
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    print(_render(report, format))
    if not report.ok:
        raise typer.Exit(1)


@app.command("list")
def list_rules() -> None:
    """Show every rule in a line."""
    from blueprint.policy.registry import rules

    for rule in rules():
        print(f"{rule.id}  {rule.severity:<8}  {rule.title}")


@app.command()
def explain(id: Annotated[str, typer.Argument(metavar="RULE", help="Such as R05.")]) -> None:
    """Show why a rule exists, what it looks at, and which law and controls it serves."""
    from blueprint.errors import BlueprintError
    from blueprint.policy.registry import rules

    rule = next((rule for rule in rules() if rule.id == id.upper()), None)
    if rule is None:
        raise BlueprintError(f"there is no rule {id}", f"one of {', '.join(rule.id for rule in rules())}")
    print(f"{rule.id}  {rule.title}\n\n{rule.why}\n")
    told = {"looks at": rule.looks_at, "basis": [rule.basis], "controls": rule.controls, "severity": [rule.severity]}
    print("\n".join(f"{label:<10}{', '.join(values)}" for label, values in told.items()))


def _render(report: "Report", format: Output) -> str:
    if format is Output.json:
        import json

        return json.dumps(report.as_dict(), indent=2, ensure_ascii=False)
    from blueprint.policy import junit, sarif, text

    renderers: dict[Output, Callable[[Report], str]] = {Output.text: text.render, Output.sarif: sarif.render, Output.junit: junit.render}
    return renderers[format](report)


@contextmanager
def _patience(doing: str) -> Iterator[None]:
    """Say what takes so long, once it does."""
    timer = Timer(PATIENCE_SECONDS, lambda: print(f"{doing} …", file=sys.stderr, flush=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
