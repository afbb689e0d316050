"""The GitHub workflows are valid against GitHub's own schema, and run only what exists here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))


def validate(*files: Path) -> subprocess.CompletedProcess[str]:
    """Against the schema that check-jsonschema brings along."""
    command: list[str | Path] = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *files]
    return subprocess.run(command, capture_output=True, text=True)


def test_every_workflow_is_valid() -> None:
    assert {file.stem for file in WORKFLOWS} >= {"ci", "plan-review"}
    done = validate(*WORKFLOWS)
    assert done.returncode == 0, done.stdout


def test_a_misspelt_key_is_found(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(WORKFLOWS[0].read_text().replace("runs-on:", "run-on:"))
    assert validate(broken).returncode == 1


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_workflows_ask_for_no_more_rights_than_they_use_and_for_no_secret(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text())
    assert workflow["permissions"]["contents"] == "read"
    assert "secrets." not in file.read_text()


def test_ci_runs_what_everybody_runs() -> None:
    steps = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yaml").read_text())["jobs"]["check"]["steps"]
    assert ".ci/run" in [step.get("run") for step in steps]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_text_of_a_pull_request_never_becomes_part_of_a_script(file: Path) -> None:
    """An expression inside `run:` is pasted before the shell reads it: a branch name could be a command."""
    jobs = yaml.safe_load(file.read_text())["jobs"].values()
    scripts = [step.get("run", "") for job in jobs for step in job["steps"]]
    assert not [script for script in scripts if re.search(r"\$\{\{", script)]
