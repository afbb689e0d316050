"""The command that says how well sizing agrees with a real server."""

from pathlib import Path
from typing import Annotated

import typer

from blueprint.cli.common import Format, FormatOption, print_json

app = typer.Typer()


@app.command()
def calibrate(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="A vLLM server's start-up log.")],
    model: Annotated[str | None, typer.Option(help="The catalogue's name, if the log's is not among its repositories.")] = None,
    gpu: Annotated[str | None, typer.Option(help="The GPU, if the log does not show its memory.")] = None,
    weights: Annotated[str | None, typer.Option(help="Predict the weights of this format, instead of taking the log's.")] = None,
    format: FormatOption = Format.text,
) -> None:
    """Compare a real vLLM start-up log with the prediction, term by term."""
    from blueprint.catalog import load_catalog
    from blueprint.catalog.lookup import find, named
    from blueprint.errors import BlueprintError
    from blueprint.sizing import startup_log

    try:
        raw = log.read_bytes()
        encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"  # PowerShell redirects to UTF-16
        found = startup_log.read(raw.decode(encoding, errors="replace"))
    except OSError as error:
        raise BlueprintError(f"{log} cannot be read: {error.strerror}") from None
    catalog = load_catalog()
    entry = find("model", model, catalog.models) if model else named(found.model or "", catalog.models)
    if entry is None:
        raise BlueprintError(
            f"no model of the catalogue is {found.model or 'named in the log'}", "name it with --model, or add it: blueprint catalog add"
        )
    card = find("GPU", gpu, catalog.gpus) if gpu else None
    lines = startup_log.compare(found, entry, weights, card, catalog.engines["vllm"])
    if format is Format.json:
        from dataclasses import asdict

        print_json({"log": found.model_dump(), "model": entry.name, "lines": [asdict(line) for line in lines]})
        return
    print(f"{entry.name} on vLLM {found.version or '(the log does not say which)'}")
    print(f"  {'':<32}{'predicted':>12}{'log':>12}{'difference':>14}")
    for line in lines:
        number = "{:,.0f}" if line.unit == "tokens" else "{:,.2f}"
        logged = number.format(line.logged) if line.logged is not None else "-"
        change = f"{number.format(line.predicted - line.logged)} {line.unit}" if line.logged is not None else line.unit
        print(f"  {line.label:<32}{number.format(line.predicted):>12}{logged:>12}{change:>14}")
