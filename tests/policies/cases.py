"""Cases of rules: what breaks one, and its twin that keeps them all.

    tests/policies/R05/<case>/violating/…     a stack directory, a cdktf.out or manifests, as `blueprint policies check` takes it
    tests/policies/R05/<case>/compliant/…     the same, put right
    tests/policies/R05/<case>/case.yaml       only where it differs: zone, data_class, country, rows of the evasion catalogue, note;
                                              reason: a part of what the finding must give as its reason

A single file `violating.tf.json` or `violating.yaml` will do where one is enough. `plan.json` in a stack directory is its plan.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from blueprint.policy import checking
from blueprint.policy.declared import Options
from blueprint.policy.report import Report

FOLDER = Path(__file__).parent
PERSONAL = {"zone": "eu-resident", "data_class": "personal"}


@dataclass(frozen=True)
class Case:
    """A folder with a violating input and its compliant twin."""

    rule: str
    folder: Path

    @property
    def settings(self) -> dict[str, Any]:
        file = self.folder / "case.yaml"
        return {**PERSONAL, **(yaml.safe_load(file.read_text()) if file.exists() else {})}

    def input(self, kind: str) -> Path:
        """The violating or the compliant one: a directory, or a single file."""
        found = sorted(path for path in self.folder.iterdir() if path.name.split(".")[0] == kind)
        assert len(found) == 1, f"{self.folder} needs one {kind} input, found {[path.name for path in found]}"
        return found[0]

    def check(self, kind: str) -> Report:
        path, said = self.input(kind), self.settings
        plan = path / "plan.json" if (path / "plan.json").exists() else None
        return checking.check(path, Options(said["zone"], said["data_class"], said.get("country", "")), plan)

    def __str__(self) -> str:
        return str(self.folder.relative_to(FOLDER))


def cases() -> Iterator[Case]:
    """Every case, by rule."""
    for folder in sorted(FOLDER.glob("R[0-9]*")):
        for case in sorted({path.parent for path in folder.rglob("*") if path.name.split(".")[0] in ("violating", "compliant")}):
            yield Case(folder.name, case)
