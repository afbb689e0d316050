"""Objects as bare as the API server takes them break no rule: what is left out is the commonest surprise."""

from pathlib import Path

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
