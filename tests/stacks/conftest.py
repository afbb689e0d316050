"""Every shipped environment, synthesized once per test run."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (ROOT / "environments").glob("*.yaml"))


def synthesize(outdir: Path, *names: str, **environment: str) -> dict[str, dict[str, Any]]:
    """Run main.py as cdktf would; returns each stack's JSON by name."""
    env = {**os.environ, "CDKTF_OUTDIR": str(outdir), **environment}
    subprocess.run([sys.executable, "main.py", *names], cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    return {path.parent.name: json.loads(path.read_text()) for path in outdir.glob("stacks/*/cdk.tf.json")}


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return synthesize(tmp_path_factory.mktemp("synth"))


@pytest.fixture(params=NAMES)
def stack(request: pytest.FixtureRequest, stacks: dict[str, dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = stacks[request.param]
    return found
