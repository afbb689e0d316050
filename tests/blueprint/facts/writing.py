"""Stacks, plans and manifests on disk, for tests that read them."""

import json
from pathlib import Path
from typing import Any

from blueprint.facts import Facts, Resource
from blueprint.facts.reading import read

Json = dict[str, Any]
DATA = Path(__file__).parent / "data"


def stack(folder: Path, document: Json, **files: str | Json) -> Facts:
    """The facts of a stack's directory; `files` are further files by name, `__` standing for a dot."""
    (folder / "cdk.tf.json").write_text(json.dumps(document))
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content if isinstance(content, str) else json.dumps(content))
    (facts,) = read(folder)
    return facts


def resources(**of_type: Json) -> Json:
    """A stack's document with these resources."""
    return {"resource": of_type}


def one(folder: Path, attributes: Json, **files: str | Json) -> Resource:
    """A stack of one resource `cloud_thing.a`, and that resource."""
    facts = stack(folder, resources(cloud_thing={"a": attributes}), **files)
    assert not facts.problems
    return next(resource for resource in facts.resources if resource.type == "cloud_thing")


def release(folder: Path, *values: str, **arguments: Any) -> Facts:
    """A stack with one Helm release `helm_release.r`."""
    return stack(folder, resources(helm_release={"r": {"name": "r", "chart": "c", "values": list(values), **arguments}}))


def manifests(folder: Path, text: str, name: str = "all.yaml") -> Facts:
    """The facts of a directory with one manifest file."""
    (folder / name).write_text(text)
    (facts,) = read(folder)
    return facts
