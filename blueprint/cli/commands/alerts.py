"""`blueprint alerts`: what somebody is told about, from which figure on, and what to do then."""

from enum import StrEnum
from typing import Annotated

import typer

from blueprint.cli.common import load, print_json

app = typer.Typer()


class Output(StrEnum):
    """How the alerts are written."""

    text = "text"
    json = "json"
    rules = "rules"


@app.command()
def alerts(
    environment: Annotated[str, typer.Argument(metavar="[ENV]", help="With its figures; left out, those it could change.")] = "",
    format: Annotated[Output, typer.Option(help="For people, for programs, or as ENV's rule file for Prometheus.")] = Output.text,
) -> None:
    """List the alerts: severity, figures, where they come from, runbook."""
    from blueprint import monitoring
    from blueprint.errors import BlueprintError
    from blueprint.monitoring import listing

    rules, env = monitoring.load(), load(environment) if environment else None
    if format is Output.rules:
        if env is None:
            raise BlueprintError("rules are an environment's", "name one: blueprint alerts eu-prod --format rules")
        print(monitoring.rule_file(rules, env), end="")
    elif format is Output.json:
        print_json([line.as_dict() for line in listing.lines(rules, env)])
    else:
        print("\n".join(listing.text(listing.lines(rules, env))))
