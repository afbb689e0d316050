"""`blueprint weights`: model weights, brought to where the environment's pods read them."""

from typing import Annotated

import typer

from blueprint.cli.common import load

app = typer.Typer(name="weights", help="Model weights in the environment's object store.", no_args_is_help=True)


@app.command("push")
def push_weights(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model deployment, or a folder …/<model>/<format>.")],
    environment: Annotated[str, typer.Option("--env", metavar="ENV", help="A name (environments/<name>.yaml).")],
) -> None:
    """Upload weights to where the environment's pods read them; resumable, verified, with SHA256SUMS."""
    from blueprint.weights.push import push

    push(load(environment), model)
