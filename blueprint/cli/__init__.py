"""The `blueprint` command. A file in `commands/` is a group of commands: it holds an `app`, named if its commands are called by
two words (`images lock`). Each command imports what it needs when it runs, so that help and completion stay instant.

Exit codes: 0 fine, 1 findings, 2 wrong use or a crash.
"""

import gc
import os
import pkgutil
import sys
from importlib import import_module
from pathlib import Path

import typer

from blueprint.cli import commands

INTERRUPTED = 130

# An answer takes a fraction of a second. Without these two lines a fifth of it is spent on looking for plugins of pydantic, which
# nobody installs, and on collecting garbage among classes that stay.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
gc.set_threshold(100_000)

app = typer.Typer(
    help="Sovereign Inference Blueprint: LLM inference in the EU from one YAML file.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for group in sorted(pkgutil.iter_modules(commands.__path__), key=lambda found: found.name):
    app.add_typer(import_module(f"{commands.__name__}.{group.name}").app)


def main() -> None:
    """Run the command line; whatever happens, a person reads one clear message and no traceback."""
    try:
        app()
    except (KeyboardInterrupt, SystemExit) as stop:
        if isinstance(stop, SystemExit) and stop.code != INTERRUPTED:
            raise
        _stop("interrupted", code=INTERRUPTED)
    except Exception as error:
        if os.environ.get("BLUEPRINT_DEBUG"):
            raise
        _explain(error)


def _explain(error: Exception) -> None:
    from blueprint.errors import BlueprintError

    if isinstance(error, BlueprintError):
        _stop(str(error), error.next_step, error.exit_code)
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown place"
    _stop(f"this is a mistake of ours at {place}: {type(error).__name__}: {error}", "please report it; BLUEPRINT_DEBUG=1 shows all of it")


def _stop(message: str, next_step: str = "", code: int = 2) -> None:
    print(message, file=sys.stderr)
    if next_step:
        print(f"    next: {next_step}", file=sys.stderr)
    raise SystemExit(code)
