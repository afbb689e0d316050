"""Synthesizes environments and says what came out, for comparisons: resources by type and what the target guarantees.

    python -m stacks.describe < environments.json

reads a list of environments as JSON and prints a list of the same order. A process of its own: `blueprint` needs neither
Terraform's CDK nor Node.
"""

import json
import sys
import tempfile
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from blueprint.environment import Environment
from modules.resources.engine import App
from stacks.inference import InferenceStack


def describe(env: Environment, folder: Path) -> dict[str, Any]:
    """One environment's resources by type, and the guarantees of its target."""
    app = App(outdir=str(folder))
    InferenceStack(app, env)
    app.synth()
    stack = json.loads((folder / "stacks" / env.name / "cdk.tf.json").read_text())
    guarantees = import_module(f"modules.clusters.{env.cluster.target}").Target.guarantees
    return {
        "resources": {kind: len(named) for kind, named in stack.get("resource", {}).items()},
        "guarantees": asdict(guarantees),
    }


def main() -> None:
    environments = [Environment.model_validate(data) for data in json.load(sys.stdin)]
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps([describe(env, Path(folder) / str(index)) for index, env in enumerate(environments)]))


if __name__ == "__main__":
    main()
