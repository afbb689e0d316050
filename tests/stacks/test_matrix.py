"""Either library under either command line deploys `dev` on the stand-ins, with Terraform and with OpenTofu where it is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from blueprint import terraform
from blueprint.rehearsal import mirror
from blueprint.rehearsal.commands import clean_environment
from blueprint.rehearsal.standin.inventory import Inventory
from modules import state

LIBRARIES = ("cdktf", "cdktn")
COMMAND_LINES = ("cdktf", "cdktn")


def deploy(folder: Path, library: str, command_line: str, program: str | None = None) -> subprocess.CompletedProcess[str]:
    """`<command line> deploy dev` as a person types it, in a shell turned to the stand-ins."""
    with pytest.MonkeyPatch.context() as patch:
        if program:
            patch.setenv("TERRAFORM_BINARY_NAME", program)
        exports = "\n".join(mirror.exports(folder / "stand-ins"))
    home = {"HOME": str(folder / "home"), "CI": "1", "FORCE_COLOR": "0", "BLUEPRINT_ENGINE": library}
    script = f"{exports}\n{command_line} deploy dev --auto-approve"
    environment = {**clean_environment(), **home}
    return subprocess.run(["sh", "-ec", script], cwd=mirror.PROJECT, env=environment, capture_output=True, text=True)


def applied(folder: Path, done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Apply complete!" in done.stdout
    assert {thing.kind for thing in Inventory(folder / "stand-ins" / "cloud").things()} >= {"scaleway_k8s_cluster", "helm_release"}


@pytest.mark.parametrize("command_line", COMMAND_LINES)
@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_deploys_under_every_command_line(library: str, command_line: str, tmp_path: Path) -> None:
    if not (mirror.PROJECT / "node_modules" / ".bin" / command_line).exists():
        pytest.skip(f"{command_line}-cli is not installed; `make setup` does that")
    applied(tmp_path, deploy(tmp_path, library, command_line))


def test_opentofu_deploys_the_same(tmp_path: Path) -> None:
    tofu = os.environ.get("TOFU", shutil.which("tofu"))
    if tofu is None:
        pytest.skip("OpenTofu is not installed: neither $TOFU nor tofu on PATH")
    applied(tmp_path, deploy(tmp_path, "cdktf", "cdktf", tofu))


def test_stacks_ask_for_the_oldest_terraform_that_we_look_for() -> None:
    assert f">= {'.'.join(map(str, terraform.OLDEST))}.0" == state.TERRAFORM


def test_the_genuine_terraform_refuses_a_stack_that_asks_for_a_newer_one(tmp_path: Path) -> None:
    (tmp_path / "floor.tf.json").write_text('{"terraform": {"required_version": ">= 99.0.0"}}')
    environment = {**clean_environment(), "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    done = subprocess.run([terraform.find().path, "init", "-no-color"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Unsupported Terraform Core version" in done.stdout + done.stderr
