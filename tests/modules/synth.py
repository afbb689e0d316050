"""Synthesizes a single stack in this process and returns its Terraform JSON."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from blueprint.environment import Environment
from blueprint.environment.loading import load
from modules.resources.engine import App, Stack

ENVIRONMENTS = Path(__file__).parents[2] / "environments"


def synth(build: Callable[[Stack], object], name: str = "test") -> dict[str, Any]:
    """What `build` puts into an otherwise empty stack."""
    with TemporaryDirectory() as folder:
        app = App(outdir=folder)
        stack = Stack(app, name)
        stack.use_backend("local", {"path": "terraform.tfstate"})
        build(stack)
        app.synth()
        found: dict[str, Any] = json.loads(Path(folder, "stacks", name, "cdk.tf.json").read_text())
        return found


def environment(name: str, **changes: Mapping[str, Any]) -> Environment:
    """A shipped environment with parts of sections changed: `environment("eu-staging", cluster={"isolated": True})`."""
    env = load(ENVIRONMENTS / f"{name}.yaml")
    return env.model_copy(update={section: getattr(env, section).model_copy(update=dict(change)) for section, change in changes.items()})
