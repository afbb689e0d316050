"""Commands that extend the catalogue."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(name="catalog", help="Facts about models, GPUs and clouds.", no_args_is_help=True)


@app.callback()
def catalog() -> None:
    """Facts about models, GPUs and clouds."""


@app.command()
def add(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.json", help="The config.json beside a model's weights.")],
    name: Annotated[str, typer.Option(help="The name environments use, such as qwen3.5-27b.")],
    label: Annotated[str | None, typer.Option(help="The name people read.")] = None,
    repository: Annotated[str | None, typer.Option(help="Where the weights are, such as Qwen/Qwen3.5-27B.")] = None,
    source: Annotated[str | None, typer.Option(help="Where the config.json is from.")] = None,
) -> None:
    """Write catalog/models/NAME.yaml from a model's config.json: layers, parameters, weights."""
    from datetime import UTC, datetime

    from blueprint.catalog.writing import add_model

    path, weights = add_model(config, name, label, repository, source, datetime.now(UTC).date())
    print(f"wrote {path.parent.parent.name}/{path.parent.name}/{path.name}: {weights:.1f} GiB of weights by its shapes")
    print("    next: correct weights_gib from a start-up log (`blueprint calibrate LOG`), and read the file before you rely on it")
