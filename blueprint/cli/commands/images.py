"""`blueprint images`: what runs, pinned by digest and brought into the environment's registry."""

from enum import StrEnum
from typing import Annotated

import typer

from blueprint.cli.common import EnvironmentArgument, Format, FormatOption, load

app = typer.Typer(
    name="images", help="Images and charts: list, lock by digest, mirror into the environment's registry.", no_args_is_help=True
)

FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="REGISTRY", help="A registry with all of it, instead of the makers'."),
]
PlainHttpOption = Annotated[bool, typer.Option("--plain-http", help="For a registry on this machine.")]


class Platforms(StrEnum):
    """Which platforms of an image a lock names."""

    linux_amd64 = "linux/amd64"
    all = "all"


@app.command("list")
def list_images(environment: EnvironmentArgument, format: FormatOption = Format.text) -> None:
    """Show every image and chart the synthesized environment uses, and which releases use it."""
    from blueprint.images import commands

    commands.show(load(environment).name, as_json=format is Format.json)


@app.command("lock")
def lock_images(
    environment: EnvironmentArgument,
    source: FromOption = None,
    platform: Annotated[Platforms, typer.Option(help="One platform, or the index of all.")] = Platforms.linux_amd64,
    plain_http: PlainHttpOption = False,
) -> None:
    """Ask for the digest of every image and chart; write environments/<env>.images.lock."""
    from blueprint.images import commands

    commands.write_lock(load(environment).name, source=source, platform=platform.value, plain_http=plain_http)


@app.command("mirror")
def mirror_images(
    environment: EnvironmentArgument,
    source: FromOption = None,
    target: Annotated[str | None, typer.Option("--to", metavar="REGISTRY", help="Another registry than the environment's.")] = None,
    plain_http: PlainHttpOption = False,
) -> None:
    """Copy what the lock names into the environment's registry, by digest; what is there stays."""
    from blueprint.images import commands

    commands.mirror(load(environment).name, source=source, target=target, plain_http=plain_http)
