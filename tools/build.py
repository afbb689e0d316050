"""Builds the servers and command lines that tests run for real, from Go modules, once.

    python -m tools.build [--minutes N] [TOOL ...]

Each folder here is one tool: `go.mod` pins it and names its programs in `tool` lines (a comment there renames one), `ldflags`
are the linker's, `{version}` in them is the tool's. Programs go to
`~/.cache/sovereign-inference-blueprint/tools/<tool>-<version>-<recipe>/`, `<recipe>` being a hash of all that decides about
them; what is there already is not built again. Ends with 1 when something could not be built in time or at all.
"""

import argparse
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).parent
# Two compilers at a time: Kubernetes then stays below 2.5 GB of memory.
BUILD = ("go", "build", "-p", "2", "-trimpath")
SETTINGS = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly -buildvcs=false", "GOWORK": "off"}
TOOL_LINE = re.compile(r"^(?:tool )?\t?([\w.-]+(?:/[\w.-]+)+)(?: // (\S+))?$")


class NotBuilt(Exception):
    """A program could not be built; says why."""


@dataclass(frozen=True)
class Program:
    """One binary of a tool: the Go package it is built from and where it goes."""

    tool: str
    package: str
    version: str
    path: Path

    @property
    def built(self) -> bool:
        return self.path.exists()


def cache() -> Path:
    """Where programs are kept, for all checkouts."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "sovereign-inference-blueprint" / "tools"


def names() -> list[str]:
    """The tools there are: every folder with a go.mod."""
    return sorted(path.parent.name for path in TOOLS.glob("*/go.mod"))


def programs(tool: str) -> list[Program]:
    """What one tool's go.mod asks for."""
    text = (TOOLS / tool / "go.mod").read_text()
    found = [match.groups() for line in _tool_lines(text) if (match := TOOL_LINE.match(line))]
    version = _version(text, found[0][0])
    folder = cache() / f"{tool}-{version.removeprefix('v')}-{_recipe(tool)}"
    return [Program(tool, package, version, folder / (name or package.rsplit("/", 1)[1])) for package, name in found]


def program(name: str) -> Program | None:
    """The program of that name, built or not; None where no tool has one."""
    return next((found for tool in names() for found in programs(tool) if found.path.name == name), None)


def _tool_lines(text: str) -> Iterator[str]:
    inside = False
    for line in text.splitlines():
        inside = line == "tool (" or (inside and line != ")")
        if inside or line.startswith("tool "):
            yield line


def _version(text: str, package: str) -> str:
    """Of the longest module path the package begins with."""
    required = re.findall(r"^(?:require )?\t?([\w./-]+) (v\S+)", text, re.MULTILINE)
    _, version = max((module, str(version)) for module, version in required if f"{package}/".startswith(f"{module}/"))
    return version


def _recipe(tool: str) -> str:
    files = [TOOLS / tool / name for name in ("go.mod", "go.sum", "ldflags")]
    content = b"\0".join(file.read_bytes() for file in files if file.exists())
    return hashlib.sha256(content + repr((BUILD, SETTINGS)).encode()).hexdigest()[:8]


def build(wanted: Program, deadline: float) -> None:
    """Build one program beside its place and move it there.

    Raises:
        NotBuilt: the compiler failed, or time was up.
    """
    wanted.path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = wanted.path.with_name(f".{wanted.path.name}.{os.getpid()}")
    command = [*BUILD, "-ldflags", _ldflags(wanted), "-o", str(unfinished), wanted.package]
    try:
        _run(command, TOOLS / wanted.tool, deadline)
        unfinished.replace(wanted.path)
    finally:
        unfinished.unlink(missing_ok=True)


def _ldflags(wanted: Program) -> str:
    file = TOOLS / wanted.tool / "ldflags"
    own = file.read_text().strip().replace("{version}", wanted.version) if file.exists() else ""
    return f"-s -w {own}".strip()


def _run(command: Sequence[str], folder: Path, deadline: float) -> None:
    """In a group of its own, so that compilers end with us."""
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **SETTINGS}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0
    ) as child:
        try:
            output, _ = child.communicate(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise NotBuilt("time is up; what is compiled is kept for the next run") from None
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
    if child.returncode:
        raise NotBuilt("\n".join(output.strip().splitlines()[-10:]))


def main(arguments: Sequence[str]) -> int:
    """Build what is missing, one line per program; 0 when all is there."""
    parser = argparse.ArgumentParser(prog="python -m tools.build", description="Build the tools that tests run for real.")
    parser.add_argument("tools", nargs="*", metavar="TOOL", help=f"of {', '.join(names())} (all)")
    parser.add_argument("--minutes", type=float, default=24 * 60, help="stop after so long; the next run goes on")
    wishes = parser.parse_args(arguments)
    if unknown := sorted(set(wishes.tools) - set(names())):
        parser.error(f"there is no tool {', '.join(unknown)}; there are {', '.join(names())}")
    missing = [found for tool in wishes.tools or names() for found in programs(tool) if not found.built]
    if missing and not shutil.which("go"):
        print(f"Go is not installed, so these are not built: {_listed(missing)}", file=sys.stderr)
        return 1
    return _build_all(missing, time.monotonic() + 60 * wishes.minutes)


def _build_all(missing: Sequence[Program], deadline: float) -> int:
    failed = []
    for number, wanted in enumerate(missing, 1):
        print(f"==> {number}/{len(missing)} {wanted.tool} {wanted.version}: {wanted.path.name} ", end="", flush=True)
        started = time.monotonic()
        try:
            build(wanted, deadline)
            print(f"{time.monotonic() - started:.0f} s")
        except NotBuilt as reason:
            failed.append(wanted)
            print(f"not built: {reason}")
    if failed:
        print(f"Not built: {_listed(failed)}. Tests that need them are skipped.", file=sys.stderr)
    return 1 if failed else 0


def _listed(found: Sequence[Program]) -> str:
    return ", ".join(program.path.name for program in found)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped; what was built is kept.")
