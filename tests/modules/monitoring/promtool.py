"""Runs promtool on rendered rules: from PATH, or the one that `make e2e-tools` builds."""

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from tools.build import program


@cache
def promtool() -> Path | None:
    """Where promtool is, or None."""
    if found := shutil.which("promtool"):
        return Path(found)
    built = program("promtool")
    return built.path if built and built.built else None


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`promtool <arguments>` in a folder."""
    tool = promtool()
    assert tool is not None
    return subprocess.run([str(tool), *arguments], cwd=folder, capture_output=True, text=True, timeout=120)


def failures(folder: Path, files: Sequence[str]) -> str:
    """What promtool has against test files; empty when all is well."""
    result = run("test", "rules", *files, folder=folder)
    return "" if result.returncode == 0 else f"{result.stdout}{result.stderr}"


def write(path: Path, content: object) -> None:
    """Content as YAML; every value a test gives stays what it is."""
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000), encoding="utf-8")
