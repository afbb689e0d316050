"""Where the programs are that `make e2e-tools` builds (`tools/`)."""

import shutil
from pathlib import Path

import pytest

from tools.build import program


def tool(name: str) -> Path:
    """A program by name, such as `kube-apiserver`; where it is not built, the test is skipped.

    The names: adapter and operator of KEDA are `keda-adapter` and `keda-operator`, all others are called as everywhere.
    """
    found = program(name)
    if found is None:
        raise LookupError(f"no go.mod below tools/ builds a program called {name}")
    if found.built:
        return found.path
    reason = "`make e2e-tools` builds it" if shutil.which("go") else "building it needs Go"
    pytest.skip(f"{name} is not built: {reason}")
