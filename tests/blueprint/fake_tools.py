"""Fake command lines on a PATH of their own: each answers what a file says, and writes down how it was called."""

import json
import shlex
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data" / "preflight"


def answers(tool: str) -> dict[str, Any]:
    """The recorded answers of a tool, by the beginning of the command."""
    content: dict[str, Any] = yaml.safe_load((DATA / f"{tool}.yaml").read_text())
    return content


def install(folder: Path, tool: str, answered: dict[str, Any]) -> None:
    """Put a tool into `folder`; text is answered as it is, an exception as an error, anything else as JSON."""
    folder.mkdir(exist_ok=True)
    cases = "".join(f"{shlex.quote(start)}*) {_said(answer)};;\n" for start, answer in answered.items())
    log = shlex.quote(str(folder / f"{tool}.log"))
    script = f'#!/bin/sh\necho "$*" >> {log}\ncase "$*" in\n{cases}*) echo "ERROR: $* is not known" >&2; exit 2;;\nesac\n'
    (folder / tool).write_text(script)
    (folder / tool).chmod(0o755)


def _said(answer: Any) -> str:
    if isinstance(answer, Exception):
        return f"echo {shlex.quote(str(answer))} >&2; exit 1"
    return f"printf '%s\\n' {shlex.quote(answer if isinstance(answer, str) else json.dumps(answer))}"


def calls(folder: Path, tool: str) -> list[str]:
    """How a tool was called."""
    log = folder / f"{tool}.log"
    return log.read_text().splitlines() if log.exists() else []
