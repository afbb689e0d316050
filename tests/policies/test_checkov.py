"""checkov finds what we find, with our ids and reasons; where it would look away, we say so."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from blueprint.policy import checking, checkov
from blueprint.policy.declared import Options
from blueprint.policy.registry import FOLDER, rules

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]
# In a process of its own: checkov's checks would stay registered in this one.
EXISTING = """
import sys
from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.terraform.checks.resource.registry import resource_registry
graph = get_graph_checks_registry("terraform")
graph.load_checks()
known = {check.id for _, check in resource_registry.all_checks()} | {check.id for check in graph.checks}
print(*(check for check in sys.argv[1:] if check in known))
"""


def stack(folder: Path, location: str = "westeurope", **blocks: Any) -> Path:
    """A stack with one storage account, declaring nothing."""
    group = {"name": "rg", "location": location, "tags": {"environment": "prod"}, "//": {"metadata": {"path": "prod/group"}}}
    group["location"] = location
    folder.mkdir(parents=True)
    (folder / "cdk.tf.json").write_text(json.dumps({"resource": {"azurerm_resource_group": {"main": group}}, **blocks}))
    return folder


def plain(folder: Path, *more: str, environment: Mapping[str, str] | None = None) -> tuple[int, Json]:
    """checkov as its users run it: exit code and report."""
    what = ["-d", str(folder), "--framework", "terraform_json", "--external-checks-dir", str(FOLDER), "--skip-download"]
    command = [sys.executable, "-m", "checkov.main", *what, "--check", ",".join(rule.id for rule in rules()), "-o", "json", *more]
    env = {**os.environ, "LOG_LEVEL": "CRITICAL", **(environment or {})}
    done = subprocess.run(command, cwd=folder.parent, env=env, capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, list[Json]]]:
    """One run over stacks that checkov gives up on or is silent about, and one that is fine."""
    folder = tmp_path_factory.mktemp("scanned")
    stack(folder / "abroad", "eastus")
    stack(folder / "fine")
    stack(folder / "import", "eastus", **{"import": [{"to": "azurerm_resource_group.main", "id": "/x"}]})
    stack(folder / "version", "eastus", terraform={"required_version": ">= 1.11.0"})
    stack(folder / "variable", "${var.place}", variable={"place": {"default": "westeurope"}})
    stack(folder / "local", '${local.places["us"]}', locals={"places": {"us": "eastus"}})
    stack(folder / "backend", terraform={"backend": {"local": {"path": "x"}}})
    dynamic = {"dynamic": {"georeplications": {"for_each": ["eastus"], "content": {"location": "${georeplications.value}"}}}}
    registry = {"name": "r", "location": "westeurope", "sku": "Premium", "resource_group_name": "rg", **dynamic}
    stack(folder / "dynamic", resource={"azurerm_container_registry": {"r": registry}})
    code, answer = plain(folder)
    found: dict[str, list[Json]] = {}
    for record in answer["results"]["failed_checks"]:
        found.setdefault(record["file_path"].split("/")[1], []).append(record)
    assert answer["results"]["parsing_errors"] == []
    return code, found


def test_a_region_outside_is_found_with_our_id_severity_and_reason(several: tuple[int, dict[str, list[Json]]]) -> None:
    code, found = several
    record = next(record for record in found["abroad"] if record["check_id"] == "R01")
    assert code == 1
    assert (record["severity"], record["resource"]) == ("CRITICAL", "resource.main")
    assert "eastus" in record["details"][0]
    assert "prod/group" in record["details"][0]


@pytest.mark.parametrize(
    ("case", "rule"),
    [("import", "R01"), ("version", "R01"), ("variable", "R01"), ("local", "R01"), ("backend", "R06"), ("dynamic", "R02")],
)
def test_what_checkov_gives_up_on_is_found(case: str, rule: str, several: tuple[int, dict[str, list[Json]]]) -> None:
    assert rule in {record["check_id"] for record in several[1].get(case, [])}


def test_a_stack_that_keeps_the_rules_is_left_alone(several: tuple[int, dict[str, list[Json]]]) -> None:
    assert several[1].get("fine", []) == []


def test_a_file_nobody_can_parse_is_a_failure(tmp_path: Path) -> None:
    (stack(tmp_path / "scanned" / "broken") / "cdk.tf.json").write_text('{"resource": ')
    assert plain(tmp_path / "scanned")[0] == 1


def test_the_canary_makes_every_rule_fire_with_us() -> None:
    report = checking.check(checkov.CANARY, Options())
    assert {rule.id for rule in rules()} - {result.rule for result in report.failures} == set()


def test_checkov_agrees_about_the_shipped_environments_and_every_rule_fires_on_the_canary(shipped: Path) -> None:
    report = checking.check(shipped, Options())
    assert [result.why for result in checkov.missed(shipped, report, Options())] == []


def test_the_skipped_checks_are_those_in_conflict_and_they_exist() -> None:
    conflicts = yaml.safe_load((ROOT / "catalog" / "residency" / "checkov_conflicts.yaml").read_text())["checks"]
    skipped = yaml.safe_load((ROOT / ".checkov.yaml").read_text())["skip-check"]
    assert set(skipped) == set(conflicts)
    assert {conflict["instead"] for conflict in conflicts.values()} <= {rule.id for rule in rules()}
    found = subprocess.run([sys.executable, "-c", f"import checkov.terraform.runner\n{EXISTING}", *skipped], capture_output=True, text=True)
    assert found.stdout.split() == skipped
