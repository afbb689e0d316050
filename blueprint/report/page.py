"""A report as one HTML file that needs nothing else: styles and drawings are in it, nothing is loaded, nothing runs."""

import os
from pathlib import Path
from typing import get_args

from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined

from blueprint.errors import BlueprintError
from blueprint.report import wording
from blueprint.report.chart import Tone
from blueprint.report.content import Report

FOLDER = Path(__file__).parent / "templates"


def render(report: Report) -> str:
    """The page. Whatever anybody wrote into a file is text in it, never markup."""
    templates = Templates(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    templates.filters |= {
        filter.__name__: filter for filter in (wording.counted, wording.euros, wording.percent, wording.prose, wording.tokens, px)
    }
    return templates.get_template("report.html.j2").render(report=report, tones=get_args(Tone))


def px(length: float) -> str:
    """A length in a drawing."""
    return f"{length:.1f}"


def write(page: str, path: Path) -> None:
    """The whole file or none: a reader never sees half of it.

    Raises:
        BlueprintError: it cannot be written.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise BlueprintError(f"{path} is no file", "name one with -o")
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        half.write_text(page, encoding="utf-8")
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise BlueprintError(f"{path} cannot be written: {error.strerror}", "name another file with -o") from None
