"""The `blueprint` command. A file in `commands/` is a command, or a group of them (`images lock`), of the file's name: it holds an
`app`. Each command imports what it needs when it runs, and only its own file is read, so that answers start at once.

Exit codes: 0 fine, 1 findings, 2 wrong use or a crash.
"""

import atexit
import gc
import os
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from blueprint.cli import commands

if TYPE_CHECKING:
    import typer

INTERRUPTED = 130

# An answer takes a fraction of a second. Without these lines a quarter of it is spent on looking for plugins of pydantic, which nobody
# installs, and for garbage among classes that stay: while they are made, and twice more at the end.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
gc.set_threshold(100_000)
atexit.register(gc.freeze)


def main() -> None:
    """Run the command line; whatever happens, a person reads one clear message and no traceback."""
    try:
        command_line(sys.argv[1:2])()
    except (KeyboardInterrupt, SystemExit) as stop:
        if isinstance(stop, SystemExit) and stop.code != INTERRUPTED:
            raise
        _stop("interrupted", code=INTERRUPTED)
    except Exception as error:
        if os.environ.get("BLUEPRINT_DEBUG"):
            raise
        _explain(error)


def command_line(asked: Sequence[str] = ()) -> "typer.Typer":
    """The command asked for; all of them where it is none of ours, for help and for what to say instead."""
    import typer

    app = typer.Typer(
        help="Sovereign Inference Blueprint: LLM inference in the EU from one YAML file.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    files = sorted(found.name for found in pkgutil.iter_modules(commands.__path__))
    for file in [file for file in files if file.replace("_", "-") in asked] or files:
        app.add_typer(import_module(f"{commands.__name__}.{file}").app)
    return app


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
