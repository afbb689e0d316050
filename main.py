"""Synthesizes environments into `cdktf.out` (or $CDKTF_OUTDIR): all of them, or those named.

    python main.py [ENVIRONMENT ...]

`cdktf` runs this for every command. BLUEPRINT_LAYER=foundation leaves out what runs inside the cluster, for the first
deploy of an environment whose registry is still empty (docs/getting-started.md).
"""

import os
import sys
from pathlib import Path

from blueprint.environment import Environment
from blueprint.environment.loading import load, load_all
from blueprint.errors import BlueprintError

ENVIRONMENTS = Path(__file__).parent / "environments"


def main(names: list[str]) -> int:
    """Write every environment's stack; 0 when all are written."""
    try:
        environments = [load(ENVIRONMENTS / f"{name}.yaml") for name in names] or list(load_all(ENVIRONMENTS).values())
    except BlueprintError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    synthesize(environments, Path(os.environ.get("CDKTF_OUTDIR", "cdktf.out")))
    return 0


def synthesize(environments: list[Environment], outdir: Path) -> None:
    """One stack per environment; jsii starts only now, after every file was found valid."""
    from modules.resources.engine import App
    from stacks.inference import InferenceStack

    foundation_only = os.environ.get("BLUEPRINT_LAYER") == "foundation"
    app = App(outdir=str(outdir))
    stacks = [InferenceStack(app, env, foundation_only=foundation_only) for env in environments]
    app.synth()
    for env, stack in zip(environments, stacks, strict=True):
        _prepare(env, outdir / "stacks" / stack.node.id)


def _prepare(env: Environment, stack: Path) -> None:
    """What stands beside a stack: its way to the stand-ins, or what keeps images nobody has locked from being deployed."""
    if "BLUEPRINT_STANDINS" in os.environ:
        from blueprint.rehearsal import override

        override(stack)
    else:
        from blueprint.images import guard

        guard.protect(env, stack)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
