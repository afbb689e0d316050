"""Runs promtool on rendered rules: from PATH, or the one that `make e2e-tools` builds."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tools.build import program

# Version 3 says no more than this of a file, in the order of the files.
VERDICT = re.compile(r"^  (SUCCESS|FAILED:)$", re.MULTILINE)


@cache
def promtool() -> Path | None:
    """Where promtool is, or None."""
    if found := shutil.which("promtool"):
        return Path(found)
    built = program("promtool")
    return built.path if built and built.built else None


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`promtool <arguments>` in a folder; all it says is in `stdout`."""
    tool = promtool()
    assert tool is not None
    return subprocess.run([str(tool), *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)


def failures(folder: Path, files: Sequence[str]) -> str:
    """What promtool has against test files; empty when all is well."""
    result = run("test", "rules", *files, folder=folder)
    return "" if result.returncode == 0 else result.stdout


def failed(folder: Path, files: Sequence[str]) -> set[str]:
    """The test files promtool has something against; it takes one after the other, so many can be asked about at once."""
    said = run("test", "rules", *files, folder=folder).stdout
    verdicts = VERDICT.findall(said)
    assert len(verdicts) == len(files), said
    return {file for file, verdict in zip(files, verdicts, strict=True) if verdict != "SUCCESS"}


def write(path: Path, content: object) -> None:
    """Content as JSON, which is YAML that is quick to write."""
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
