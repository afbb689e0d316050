"""Whole rehearsals, the way a person starts them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blueprint import terraform
from blueprint.rehearsal import mirror
from tests.rehearsal.bench import Blueprint

ENVIRONMENTS = sorted(path.stem for path in (mirror.PROJECT / "environments").glob("*.yaml"))
STEPS = ["validate", "size", "synth", "policies", "init", "plan", "apply", "plan again", "destroy"]


@pytest.mark.parametrize(("name", "engine"), [*((name, "cdktf") for name in ENVIRONMENTS), ("dev", "cdktn")])
def test_every_environment_applies_plans_nothing_more_and_leaves_nothing(
    name: str, engine: str, blueprint: Blueprint, tmp_path: Path
) -> None:
    done = blueprint("rehearse", name, "--engine", engine, "--format", "json", ARM_CLIENT_SECRET="real", TF_WORKSPACE="real")
    told = json.loads(done.stdout)
    assert told["error"] is None, told["error"]
    assert [(step["name"], step["state"]) for step in told["steps"]] == [(step, "ok") for step in STEPS]
    assert told["summary"]["outside"] == 0
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_cloud_that_changes_by_itself_fails_the_second_plan(blueprint: Blueprint) -> None:
    done = blueprint("rehearse", "eu-staging", STANDIN_DRIFT="azurerm_key_vault_key")
    assert done.returncode == 1
    assert "a second plan must be empty" in done.stderr
    assert "create azurerm_key_vault_key." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failing_apply_is_told_in_terraforms_words_with_the_construct(blueprint: Blueprint, tmp_path: Path) -> None:
    done = blueprint("rehearse", "eu-staging", STANDIN_FAIL_APPLY="azurerm_virtual_network")
    assert done.returncode == 1
    assert "eu-staging/cluster/network/" in done.stderr
    assert "the stand-in for azurerm_virtual_network was told to fail" in done.stderr
    assert "failed" in done.stdout
    assert list((tmp_path / "tmp").iterdir()) == []


def test_an_interrupt_stops_cleanly_and_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "STANDIN_DELAY_MS": "60000"}
    command = [sys.executable, "-m", "blueprint", "rehearse", "dev"]
    with subprocess.Popen(
        command, cwd=mirror.PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_for(lambda: any(tmp_path.glob("rehearsal-*/cdktf.out/stacks/dev/plan")))
        time.sleep(2)  # into the apply, whose first change takes a minute
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped" in out
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.1)


def test_a_broken_environment_stops_at_validation(blueprint: Blueprint, tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text((mirror.PROJECT / "environments" / "eu-staging.yaml").read_text().replace("westeurope", "eastus"))
    done = blueprint("rehearse", str(file))
    assert done.returncode == 1
    assert "eastus" in done.stderr
    assert "synth" not in done.stdout


def test_keep_leaves_what_was_planned(blueprint: Blueprint, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert blueprint("rehearse", "dev", "--keep", str(kept)).returncode == 0
    stack = kept / "cdktf.out" / "stacks" / "dev"
    assert {path.name for path in stack.iterdir()} >= {"cdk.tf.json", "plan", "plan-again", "plan-destroy"}
    shown = subprocess.run([terraform.find().path, "show", "-json", "plan"], cwd=stack, capture_output=True, text=True, check=True).stdout
    assert {action for change in json.loads(shown)["resource_changes"] for action in change["change"]["actions"]} == {"create"}


def test_keep_refuses_a_folder_in_use(blueprint: Blueprint, tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "mine").touch()
    done = blueprint("rehearse", "dev", "--keep", str(tmp_path / "used"))
    assert done.returncode == 2
    assert "is not empty" in done.stderr
