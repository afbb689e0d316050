"""What the rehearsal's tests share."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from blueprint.rehearsal import mirror
from blueprint.rehearsal.commands import clean_environment
from tests.rehearsal.bench import Bench, Blueprint, Json


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """Every environment's stack as `main.py` writes it."""
    folder = tmp_path_factory.mktemp("synthesized")
    environment = {**clean_environment(), "CDKTF_OUTDIR": str(folder)}
    subprocess.run([sys.executable, "main.py"], cwd=mirror.PROJECT, env=environment, check=True)
    return {stack.parent.name: json.loads(stack.read_text()) for stack in folder.glob("stacks/*/cdk.tf.json")}


@pytest.fixture
def blueprint(tmp_path: Path) -> Blueprint:
    """The `blueprint` command; its temporary files go where a test can count them."""
    (tmp_path / "tmp").mkdir()

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), **variables}
        command = [sys.executable, "-m", "blueprint", *arguments]
        return subprocess.run(command, cwd=mirror.PROJECT, env=environment, capture_output=True, text=True)

    return run
