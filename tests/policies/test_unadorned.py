"""Objects as bare as the API server takes them break no rule: what is left out is the commonest surprise."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from blueprint.policy.checking import check
from blueprint.policy.declared import Options
from blueprint.residency_catalog import table

KNOWN = table("residency/telemetry.yaml")["software"]
IMAGES = sorted(pattern.replace("*", "x") for entry in KNOWN.values() for pattern in entry.get("images", ()))
BARE = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare", "namespace": "bare"}}


@pytest.mark.parametrize("container", [{}, {"command": []}, {"args": None}, {"env": None}, {"args": ["--", ""]}], ids=str)
def test_known_software_without_arguments_breaks_no_rule(container: dict[str, object], tmp_path: Path) -> None:
    pods = [{**BARE, "spec": {"containers": [{"name": "main", "image": image, **container}]}} for image in IMAGES]
    (tmp_path / "pods.yaml").write_text(yaml.safe_dump_all(pods))
    found = check(tmp_path, Options("eu-resident", "special")).results
    assert [result for result in found if result.rule == "R54"], "the images are known"
    assert [(result.address, result.why) for result in found if "broke on this resource" in result.why] == []


ODD = [7, "x", [None], ["x"], {"x": "y"}]
FIRST = "spec.containers.0"
PARTS = [f"spec.{key}" for key in ("containers", "initContainers", "volumes", "securityContext")] + [
    f"{FIRST}.{key}" for key in ("env", "args", "command", "image", "securityContext", "securityContext.capabilities")
]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_pod_the_api_server_would_refuse_breaks_no_rule(part: str, tmp_path: Path) -> None:
    """Somebody else refuses it; a rule that breaks would only hide what the others have to say."""
    (tmp_path / "pods.yaml").write_text(yaml.safe_dump_all([pod_with(part, odd) for odd in ODD]))
    found = check(tmp_path, Options("eu-resident", "special")).results
    assert [(result.address, result.why) for result in found if "broke on this resource" in result.why] == []


def pod_with(part: str, value: object) -> dict[str, Any]:
    """A pod that has `value` where `part` says."""
    container = {"name": "main", "image": "registry.acme.internal/a:1", "securityContext": {}}
    pod: dict[str, Any] = {**BARE, "spec": {"containers": [container]}}
    *above, key = part.split(".")
    at: Any = pod
    for step in above:
        at = at[int(step) if step.isdigit() else step]
    at[key] = value
    return pod
