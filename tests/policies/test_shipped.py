"""The shipped environments keep every rule without a waiver; whatever says where their data is, moved outside, is refused.

What says so is found in the synthesized JSON, not listed: every value that is a region of a cloud, every address with a region or
the site's own domain in it, every SKU, replication, log sink and backend.
"""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from blueprint import residency_catalog as catalog
from blueprint.policy import checking
from blueprint.policy.declared import Options
from blueprint.policy.report import Report
from tests.policies.conftest import ENVIRONMENTS

Json = dict[str, Any]
Keys = tuple[Any, ...]
NAMES = sorted(ENVIRONMENTS)
OUTSIDE = {"azurerm": "eastus", "scaleway": "us-east-1", "terraform": "us-east-1"}
ABROAD = "https://s3.us-east-1.amazonaws.com"
SITE = "dc.acme.internal"
PLACES = frozenset({"R01", "R02", "R03", "R05"})
ADDRESSES = frozenset({"R03", "R04", "R06", "R07", "R08", "R10", "R28", "R33", "R57", "R58"})


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_environment_passes_with_zero_waivers(name: str, shipped: Path) -> None:
    report = checking.check(shipped / "stacks" / name, Options())
    assert [(result.rule, result.construct or result.address, result.path, result.why) for result in report.failures] == []
    assert report.census.unchecked == ()
    assert list(report.waived) == []


@dataclass(frozen=True)
class Flip:
    """One value moved outside the zone: where it stands (`yaml`: inside that YAML text), what it becomes, which rules may say so."""

    keys: Keys
    value: Any
    rules: frozenset[str]
    yaml: Keys = ()

    def __str__(self) -> str:
        return ".".join(map(str, (*self.keys, *self.yaml)))

    def applied(self, stack: Json) -> Json:
        """The stack with it, and with nothing of the releases it does not touch: they are slow to read and change nothing."""
        changed = copy.deepcopy({**stack, "resource": {kind: named for kind, named in stack["resource"].items() if kind != "helm_release"}})
        if self.keys[:2] == ("resource", "helm_release"):
            changed["resource"] = {"helm_release": {self.keys[2]: copy.deepcopy(stack["resource"]["helm_release"][self.keys[2]])}}
        at, last = _at(changed, self.keys)
        if self.yaml:
            document = yaml.safe_load(at[last])
            inside, key = _at(document, self.yaml)
            inside[key] = self.value
        at[last] = yaml.safe_dump(document) if self.yaml else self.value
        return changed


def _at(value: Any, keys: Keys) -> tuple[Any, Any]:
    for key in keys[:-1]:
        value = value[key]
    return value, keys[-1]


def walk(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every leaf of a stack but its own guards and comments."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield keys, value
        return
    for key, item in items:
        if key not in ("//", "lifecycle") and not (not keys and key in ("output", "locals")):
            yield from walk(item, (*keys, key))


@cache
def patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A region or zone of any cloud, and an address with one in it."""
    known = [catalog.cloud(name) for name in catalog.clouds()]
    regions = "|".join(re.escape(region) for cloud in known if cloud for region in cloud.regions)
    return re.compile(rf"({regions})(-\d)?"), re.compile(rf"://.*(\.({regions})\.[a-z]|{re.escape(SITE)})")


def flips(stack: Json) -> Iterator[Flip]:
    """Every value that says where data is, moved outside."""
    region, address = patterns()
    for keys, value in walk(stack):
        if keys[:2] == ("resource", "helm_release") and keys[3:4] == ("values",):
            inside = walk(yaml.safe_load(value))
            yield from (Flip(keys, ABROAD, ADDRESSES, path) for path, text in inside if isinstance(text, str) and address.search(text))
        elif isinstance(value, str) and region.fullmatch(value):
            yield _moved(keys)
        elif isinstance(value, str) and address.search(value):
            yield Flip(keys, ABROAD.replace("https", "oci") if keys[-1] == "chart" else ABROAD, ADDRESSES)
        elif keys[1:2] == ("azurerm_cognitive_deployment",) and keys[-2:] == ("sku", "name"):
            yield Flip(keys, "GlobalStandard", frozenset({"R05"}))
        elif keys[1:2] == ("azurerm_monitor_diagnostic_setting",) and keys[-1] == "log_analytics_workspace_id":
            yield Flip(keys, "${azurerm_log_analytics_workspace.abroad.id}", frozenset({"R03"}))


def _moved(keys: Keys) -> Flip:
    if keys[0] == "terraform":
        return Flip(keys, OUTSIDE["terraform"], frozenset({"R06"}))
    cloud = keys[1].removeprefix("data.").partition("_")[0]
    return Flip(keys, OUTSIDE[cloud], frozenset({"R28"}) if keys[0] == "provider" else PLACES)


def judged(stack: Json, folder: Path, options: Options | None = None) -> Report:
    folder.mkdir(exist_ok=True)
    (folder / "cdk.tf.json").write_text(json.dumps(stack))
    return checking.check(folder, options or Options(data_class="personal"))


def with_workspace_abroad(stack: Json) -> Json:
    """Somewhere for logs to go to."""
    workspaces = stack["resource"].setdefault("azurerm_log_analytics_workspace", {})
    workspaces["abroad"] = {"name": "abroad", "location": "eastus", "resource_group_name": "rg"}
    return stack


@pytest.mark.parametrize("name", NAMES)
def test_whatever_says_where_data_is_moved_outside_is_refused_by_the_right_rule_at_its_place(
    name: str, shipped: Path, tmp_path: Path
) -> None:
    stack = json.loads((shipped / "stacks" / name / "cdk.tf.json").read_text())
    found = list(flips(stack))
    assert found
    passed = [str(flip) for flip in found if not _refused(flip, stack, tmp_path / "stack")]
    assert passed == []


def _refused(flip: Flip, stack: Json, folder: Path) -> bool:
    changed = flip.applied(stack)
    if flip.rules == {"R03"}:
        with_workspace_abroad(changed)
    failures = judged(changed, folder).failures
    if flip.keys[0] in ("terraform", "provider"):
        return any(result.rule in flip.rules for result in failures)
    block = stack[flip.keys[0]][flip.keys[1]][flip.keys[2]]
    construct = block.get("//", {}).get("metadata", {}).get("path", "")
    return any(result.rule in flip.rules and result.construct == construct for result in failures)


BACKENDS: dict[str, Json] = {
    "S3 abroad": {"backend": {"s3": {"bucket": "b", "key": "k", "region": "us-east-1", "encrypt": True, "use_lockfile": True}}},
    "HCP Terraform": {"cloud": {"organization": "acme", "workspaces": {"name": "prod"}}},
    "a disk": {"backend": {"local": {"path": "terraform.tfstate"}}},
    "none": {},
    "another account": {"backend": {"azurerm": {"storage_account_name": "other", "container_name": "c", "key": "k"}}},
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", NAMES)
def test_state_moved_elsewhere_is_refused(name: str, backend: str, shipped: Path, tmp_path: Path) -> None:
    stack = json.loads((shipped / "stacks" / name / "cdk.tf.json").read_text())
    kept = {key: value for key, value in stack["terraform"].items() if key != "backend"}
    moved = {"terraform": {**kept, **BACKENDS[backend]}, "output": stack["output"]}
    assert [result.rule for result in judged(moved, tmp_path / "stack").failures] == ["R06"]


@pytest.mark.parametrize("name", [name for name in NAMES if ENVIRONMENTS[name].cluster.target == "aks"])
def test_a_copy_in_the_paired_region_leaves_a_country_the_environment_is_narrowed_to(name: str, shipped: Path, tmp_path: Path) -> None:
    stack = json.loads((shipped / "stacks" / name / "cdk.tf.json").read_text())
    accounts = stack["resource"]["azurerm_storage_account"]
    stack["resource"] = {"azurerm_storage_account": accounts, "azurerm_resource_group": stack["resource"]["azurerm_resource_group"]}
    options = Options(country="NL")
    assert "R02" not in {result.rule for result in judged(stack, tmp_path / "stack", options).failures}
    for account in accounts.values():
        account["account_replication_type"] = "GRS"
    found = [result for result in judged(stack, tmp_path / "stack", options).failures if result.rule == "R02"]
    assert {result.construct for result in found} == {account["//"]["metadata"]["path"] for account in accounts.values()}


def test_judging_opens_no_connection(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*asked: Any) -> None:
        raise AssertionError(f"a connection was opened: {asked}")

    for call in ("connect", "connect_ex", "sendto", "bind"):
        monkeypatch.setattr(f"socket.socket.{call}", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    assert checking.check(shipped, Options()).census.resources > 0
