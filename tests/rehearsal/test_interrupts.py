"""What an interrupted apply leaves behind, at twenty points of two deploys of `eu-staging`'s foundation, with the genuine Terraform.

The stand-in cloud keeps what it made. After an interrupt (SIGINT) Terraform finishes what is under way and writes it down:
state and cloud agree at once. After a kill (SIGKILL of the whole process group, as when the machine dies) what was under
way, at most ten things by Terraform's default, may exist without standing in the state. Terraform cannot know of it: the next
apply is refused with its id, a person imports or removes it (here: removes) and applies again. A kill may also hit the write
of the state: a local file is then cut off, and the version before it is put back, as the versioned stores of real
environments keep one. What is proven: the state never names what does not exist, leftovers are few and named, and the deploy
ends with cloud and state equal and an empty plan.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from blueprint import terraform
from blueprint.rehearsal import mirror
from blueprint.rehearsal.commands import TerraformError, clean_environment
from blueprint.rehearsal.standin.inventory import Inventory
from tests.rehearsal.bench import Bench, Json

POINTS = range(4, 74, 7)
AT_ONCE = 10  # terraform apply -parallelism
EXISTS = re.compile(r'A resource with the ID "([^"]+)" already exists')


@dataclass(frozen=True)
class Deploy:
    """`eu-staging`, synthesized and initialised, with a cloud and a state of its own."""

    folder: Path
    stack: Path
    environment: dict[str, str]

    def terraform(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([terraform.find().path, *arguments], cwd=self.stack, env=self.environment, capture_output=True, text=True)

    def apply(self) -> subprocess.CompletedProcess[str]:
        return self.terraform("apply", "-auto-approve", "-input=false", "-no-color")

    def apply_until(self, things: int, with_signal: signal.Signals) -> None:
        """Apply, and send the signal once so many things exist; a kill hits the providers too."""
        command: list[str | Path] = [terraform.find().path, "apply", "-auto-approve", "-input=false", "-refresh=false"]
        process = subprocess.Popen(
            command, cwd=self.stack, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        until = time.monotonic() + 60
        last = self.state
        while len(self.cloud) < things and process.poll() is None and time.monotonic() < until:
            last = self.state or last
            time.sleep(0.002)
        if with_signal is signal.SIGKILL:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.send_signal(with_signal)
        process.wait(timeout=60)
        if last and not self.state:
            self.state_file.write_text(json.dumps(last))

    @property
    def state_file(self) -> Path:
        return self.folder / "state" / "eu-staging.tfstate"

    @property
    def state(self) -> Json:
        """The state; empty if there is none, or only the beginning of one."""
        try:
            content: Json = json.loads(self.state_file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return content

    @property
    def cloud(self) -> set[str]:
        """What exists: the names of its files."""
        return {path.name for path in (self.folder / "cloud").glob("*.json")}

    @property
    def existing(self) -> set[tuple[str, str]]:
        return {(thing.kind, str(thing.attributes["id"])) for thing in Inventory(self.folder / "cloud").things()}

    @property
    def known(self) -> set[tuple[str, str]]:
        """What the state holds, data sources aside."""
        managed = (resource for resource in self.state.get("resources", []) if resource["mode"] == "managed")
        return {(resource["type"], str(instance["attributes"]["id"])) for resource in managed for instance in resource["instances"]}


@pytest.fixture
def deploy(tmp_path: Path) -> Deploy:
    mirror.write(tmp_path, terraform.find().registry)
    environment = {**clean_environment(), **mirror.environment(tmp_path), "HOME": str(tmp_path), "STANDIN_DELAY_MS": "40"}
    settings = {"CDKTF_OUTDIR": str(tmp_path / "out"), "BLUEPRINT_LAYER": "foundation"}
    subprocess.run(
        [sys.executable, "main.py", "eu-staging"], cwd=mirror.PROJECT, env={**environment, **settings}, check=True, capture_output=True
    )
    made = Deploy(tmp_path, tmp_path / "out" / "stacks" / "eu-staging", environment)
    assert made.terraform("init", "-input=false").returncode == 0
    return made


def finish(deploy: Deploy) -> None:
    """The deploy is whole: cloud and state equal, nothing to change."""
    done = deploy.apply()
    assert done.returncode == 0, done.stderr
    assert deploy.existing == deploy.known
    assert deploy.terraform("plan", "-detailed-exitcode", "-input=false").returncode == 0


def test_after_an_interrupt_at_any_point_state_and_cloud_agree_and_the_next_apply_goes_on(deploy: Deploy) -> None:
    for things in POINTS:
        deploy.apply_until(things, signal.SIGINT)
        assert deploy.existing == deploy.known, f"interrupted at {things} things"
    assert deploy.known
    finish(deploy)


def test_after_a_kill_at_any_point_every_leftover_is_named_and_the_deploy_can_be_finished(deploy: Deploy) -> None:
    for things in POINTS:
        deploy.apply_until(things, signal.SIGKILL)
        assert deploy.known <= deploy.existing, "the state never knows of what does not exist"
        leftover = deploy.existing - deploy.known
        assert len(leftover) <= 2 * AT_ONCE, "what was under way, and what the last version of a cut-off state lacks"
        clear_up(deploy.folder, leftover)
    finish(deploy)


def clear_up(folder: Path, orphans: set[tuple[str, str]]) -> None:
    """Remove from the cloud what exists without standing in the state; who does it for real may import it instead."""
    for kind, identity in orphans:
        Inventory(folder / "cloud").remove(kind, identity)


def test_what_a_kill_leaves_behind_is_named_by_the_next_apply(bench: Bench) -> None:
    """The worst case by hand: a thing was made, and Terraform died before it could write that down."""
    bench.write(resource={"azurerm_resource_group": {"group": {"name": "rg", "location": "westeurope"}}})
    bench.commands.init()
    bench.apply()
    identity = bench.state["resources"][0]["instances"][0]["attributes"]["id"]
    (bench.folder / "state" / "bench.tfstate").unlink()
    with pytest.raises(TerraformError, match="already exists") as refused:
        bench.apply()
    assert EXISTS.findall(" ".join(str(refused.value).split())) == [identity]
    clear_up(bench.folder, {("azurerm_resource_group", identity)})
    bench.apply()
    assert bench.plan() == {}
