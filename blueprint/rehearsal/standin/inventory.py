"""What exists in the stand-in cloud: one JSON file per thing, holding its attributes.

Delete a file, or change a value in it, and Terraform finds the drift at its next refresh.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Thing:
    """Something that exists: its Terraform type and attributes."""

    kind: str
    attributes: dict[str, Any]


class Inventory:
    """A folder of things. Every write is atomic, so several providers may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, kind: str, identity: str) -> dict[str, Any] | None:
        try:
            thing: dict[str, Any] = json.loads(self._file(kind, identity).read_text())
        except FileNotFoundError:
            return None
        attributes: dict[str, Any] = thing["attributes"]
        return attributes

    def put(self, kind: str, identity: str, attributes: dict[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._file(kind, identity)
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps({"type": kind, "id": identity, "attributes": attributes}, indent=1))
        draft.replace(file)

    def remove(self, kind: str, identity: str) -> None:
        self._file(kind, identity).unlink(missing_ok=True)

    def things(self) -> Iterator[Thing]:
        """Everything that exists, in a stable order."""
        for file in sorted(self._folder.glob("*.json")):
            content = json.loads(file.read_text())
            yield Thing(content["type"], content["attributes"])

    def _file(self, kind: str, identity: str) -> Path:
        name = identity.rstrip("/").rpartition("/")[2][:60]
        return self._folder / f"{kind}.{name}.{hashlib.sha256(identity.encode()).hexdigest()[:8]}.json"
