"""One rehearsal, top to bottom: validate, size, synthesize, judge, plan, apply, plan again, destroy.

Terraform is real, the cloud is not. Everything happens in a private folder that is gone afterwards; real state, credentials
and `~/.terraform.d` are out of reach.
"""

import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from blueprint import terraform
from blueprint.environment import Environment
from blueprint.environment.loading import load
from blueprint.errors import BlueprintError
from blueprint.kubernetes import MOVABLE
from blueprint.node import use_our_node
from blueprint.policy import checking, text
from blueprint.policy.declared import Options
from blueprint.rehearsal import mirror
from blueprint.rehearsal.commands import Commands, clean_environment
from blueprint.rehearsal.display import Display
from blueprint.rehearsal.process import run
from blueprint.rehearsal.standin.inventory import Inventory
from blueprint.rehearsal.summary import Summary, summarize
from blueprint.rehearsal.trim import unknown_types
from blueprint.sizing import size_deployment

Engine = Literal["cdktf", "cdktn"]


class RehearsalFailed(BlueprintError):
    """The rehearsal found something that would go wrong for real."""

    exit_code = 1


def rehearse(file: Path, display: Display, *, engine: Engine = "cdktf", program: str | None = None, keep: Path | None = None) -> Summary:
    """Rehearse the environment of a file; `keep` is an empty or new folder that stays afterwards.

    Raises:
        EnvironmentInvalid, RehearsalFailed, TerraformError: findings; the step they stopped at is shown.
        BlueprintError: there is no usable Terraform, or `keep` is not empty.
    """
    found = terraform.find(program)
    with _folder(keep) as folder:
        mirror.write(folder, found.registry)
        env = _validate(file, display)
        stack = _synthesize(env, engine, folder, display)
        _judge(stack, display)
        content = json.loads((stack / "cdk.tf.json").read_text())
        commands = Commands(found, stack, {**clean_environment(), **mirror.environment(folder)})
        program_name = f"{found.product} {found.version}"
        with display.step("init", f"{program_name}, stand-ins for {' and '.join(_providers(content))}"):
            commands.init()
        _plan_and_apply(commands, display)
        _destroy(commands, Inventory(folder / "cloud"), display)
        return summarize(env, content, program_name)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """The rehearsal's folder. Being told to stop (SIGTERM) tidies up like Ctrl-C."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="rehearsal-") as name:
            yield Path(name).resolve()
    elif keep.exists() and any(keep.iterdir()):
        raise BlueprintError(f"--keep: {keep} is not empty", "name a new folder")
    else:
        yield keep.resolve()


def _validate(file: Path, display: Display) -> Environment:
    """Load the environment and size its models."""
    with display.step("validate", file.name):
        env = load(file)
        if file.resolve().parent != mirror.PROJECT / "environments":
            raise BlueprintError(f"{file} is not in environments/", "move it there: only those are synthesized")
    with display.step("size") as step:
        first, *others = [f"{name} {size_deployment(env, name).flags['max_num_seqs']}" for name in env.models]
        step.detail = ", ".join([f"{first} requests", *others])
    return env


def _synthesize(env: Environment, engine: Engine, folder: Path, display: Display) -> Path:
    """Run `main.py` for one environment; returns the stack's directory."""
    use_our_node()
    output: list[str] = []
    stack = folder / "cdktf.out" / "stacks" / env.name
    settings = {"CDKTF_OUTDIR": str(folder / "cdktf.out"), "BLUEPRINT_ENGINE": engine, "BLUEPRINT_STANDINS": str(folder)}
    command = [sys.executable, str(mirror.PROJECT / "main.py"), env.name]
    with display.step("synth") as step:
        if run(command, mirror.PROJECT, {**clean_environment(), **settings}, output.append):
            raise RehearsalFailed("\n".join(output))
        content = json.loads((stack / "cdk.tf.json").read_text())
        step.detail = f"{engine} {version(engine)} → {_count(content)}"
        if missing := unknown_types(content):
            raise RehearsalFailed(f"the stand-ins do not know {', '.join(missing)}", "run `make schemas`")
    return stack


def _judge(stack: Path, display: Display) -> None:
    """Hold the stack against every policy. Images are not locked in a rehearsal: that is counted, a deploy refuses it."""
    with display.step("policies") as step:
        report = checking.check(stack / "cdk.tf.json", Options())
        broken = [result for result in report.failures if result.why != MOVABLE]
        unlocked = len(report.failures) - len(broken)
        if broken or report.census.unchecked:
            raise RehearsalFailed(text.render(replace(report, results=broken)))
        locks = f", {unlocked} images not locked" if unlocked else ""
        step.detail = f"{len(report.rules)} rules, {report.census.resources} resources{locks}"


def _providers(stack: dict[str, Any]) -> list[str]:
    return sorted(stack["terraform"]["required_providers"])


def _count(stack: dict[str, Any]) -> str:
    resources = stack.get("resource", {})
    releases = len(resources.get("helm_release", {}))
    total = sum(len(named) for named in resources.values()) - releases
    return f"{total} resources, {releases} releases"


def _plan_and_apply(commands: Commands, display: Display) -> None:
    with display.step("plan") as step:
        changes = commands.plan("plan")
        step.detail = f"{len(changes)} to add"
    with display.step("apply") as step:
        step.total = len(changes)
        commands.apply("plan", step.advance)
        step.detail = f"{step.done} added"
    with display.step("plan again") as step:
        again = commands.plan("plan-again")
        step.detail = f"{len(again)} changes" if again else "no changes"
        if again:
            changed = "\n".join(f"    {change['action']} {change['resource']['addr']}" for change in again)
            raise RehearsalFailed(f"a second plan must be empty, but it changes:\n{changed}")


def _destroy(commands: Commands, inventory: Inventory, display: Display) -> None:
    with display.step("destroy") as step:
        step.total = len(commands.plan("plan-destroy", "-destroy", "-refresh=false"))
        commands.apply("plan-destroy", step.advance)
        step.detail = f"{step.done} removed, nothing left"
        if left := [thing.kind for thing in inventory.things()]:
            raise RehearsalFailed(f"destroy left {len(left)} things behind: {', '.join(left)}")
