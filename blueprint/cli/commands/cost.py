"""The command that says what serving costs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blueprint.cli.common import Format, FormatOption, load, print_json

if TYPE_CHECKING:
    from blueprint.cost.comparison import Comparison

CLAIMS = "claims"

app = typer.Typer()


@app.command()
def cost(
    environment: Annotated[
        str | None, typer.Argument(metavar="[ENV]", help="A name or a path; `claims` for published figures held against ours.")
    ] = None,
    demand: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What applications ask for; alone, it is compared on all options.")
    ] = None,
    draws: Annotated[int, typer.Option(min=100, max=100_000, help="How many draws the percentiles rest on.")] = 300,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = 7,
    format: FormatOption = Format.text,
) -> None:
    """Show what APIs, machines and the two together cost, where they cross, and how sure that is."""
    if environment == CLAIMS and demand is None:
        _print_claims(format)
        return
    if environment is None and demand is None:
        raise typer.BadParameter("name an environment, or give --demand")
    from blueprint.cost.case import demand_case, environment_case
    from blueprint.cost.comparison import compare
    from blueprint.workload.loading import load_demand

    asked = load_demand(demand) if demand else None
    if environment is not None:
        case = environment_case(load(environment), asked)
    else:
        assert asked is not None
        assert demand is not None
        case = demand_case(asked, demand.stem)
    _print_comparison(compare(case, draws, seed), format)


def _print_comparison(comparison: "Comparison", format: Format) -> None:
    if format is Format.json:
        from dataclasses import asdict

        from blueprint.cost.answer import answer

        case = asdict(comparison.case)
        case["assumptions"] = {name: figure.model_dump() for name, figure in comparison.case.assumptions.items()}
        print_json({"answer": answer(comparison), **asdict(comparison), "case": case})
        return
    from blueprint.cost.render import paragraphs
    from blueprint.cost.wording import wrapped

    for title, lines in paragraphs(comparison):
        print(*([title] if title else []), *(wrapped(f"  {line}" if title else line, 6 if title else 0) for line in lines), "", sep="\n")


def _print_claims(format: Format) -> None:
    from blueprint.cost.claims import load_claims, render
    from blueprint.cost.wording import wrapped

    claims = load_claims()
    if format is Format.json:
        print_json([claim.as_dict() for claim in claims])
        return
    print(*(wrapped(line, 9) for line in render(claims)), sep="\n")
