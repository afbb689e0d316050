"""What an environment's synthesized stack says, for commands that must agree with it to the byte.

Which images run, where weights are read from: the stack knows, so we ask it instead of keeping a second list.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from blueprint.errors import BlueprintError
from blueprint.node import use_our_node

PROJECT = Path(__file__).parents[1]

Stack = dict[str, Any]


def synthesize(name: str) -> Stack:
    """Synthesize one environment into a folder of its own; returns its JSON.

    Raises:
        BlueprintError: the environment is invalid or cannot be synthesized; the message is what `main.py` said.
    """
    use_our_node()
    ours = {key: value for key, value in os.environ.items() if key not in ("BLUEPRINT_LAYER", "BLUEPRINT_STANDINS")}
    with tempfile.TemporaryDirectory(prefix="synth-") as folder:
        command = [sys.executable, str(PROJECT / "main.py"), name]
        run = subprocess.run(command, cwd=PROJECT, env={**ours, "CDKTF_OUTDIR": folder}, capture_output=True, text=True)
        if run.returncode:
            raise BlueprintError(run.stderr.strip() or run.stdout.strip() or f"{name} cannot be synthesized")
        stack: Stack = json.loads((Path(folder) / "stacks" / name / "cdk.tf.json").read_text())
    return stack


def releases(stack: Stack) -> Iterator[dict[str, Any]]:
    """Every Helm release: `name`, `chart`, `version` and `values`, a list of YAML texts."""
    yield from stack.get("resource", {}).get("helm_release", {}).values()
