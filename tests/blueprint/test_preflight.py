"""Preflight on fake command lines with recorded answers: what is judged ok, what is not, and what did not run."""

import copy
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from blueprint.catalog import FOLDER
from blueprint.environment import Environment
from blueprint.environment.loading import load
from blueprint.errors import BlueprintError
from blueprint.images import lock
from blueprint.preflight import check, kapsule, onprem, report
from blueprint.preflight.ages import ages
from blueprint.preflight.check import Check, Result, Verdict
from blueprint.preflight.common import content
from blueprint.preflight.preflight import known, kubernetes_support, preflight
from tests.blueprint.fake_tools import answers, calls, install

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = sorted((ROOT / "environments").glob("*.yaml"))
H100 = "vm list-skus --location westeurope --size Standard_NC40ads_H100_v5"
PRIVATE = "10.40.64.5 STREAM\n10.40.64.5 DGRAM"
AZ = answers("az")
DIGEST = "sha256:" + 64 * "0"
LOCK = lock.Lock(
    platform="linux/amd64",
    images={"ghcr.io/kedacore/keda:2.20.2": lock.Image(digest=DIGEST, used_by=("keda",))},
    charts={"keda": lock.Chart(version="2.20.2", digest=DIGEST)},
)
Run = Callable[..., dict[str, Result]]


@pytest.fixture(scope="module")
def production() -> Environment:
    return load(ROOT / "environments" / "eu-prod.yaml")


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty PATH: nothing real can be called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def run(tools: Path, production: Environment, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A preflight of eu-prod in a subscription that has everything, but for the answers given."""

    def _run(changed: dict[str, Any] | None = None, names: str = PRIVATE) -> dict[str, Result]:
        install(tools, "az", {**AZ, **(changed or {})})
        install(tools, "kubelogin", {"--version": "kubelogin version\ngit hash: v0.2.10/abc"})
        install(tools, "helm", {"version": "v4.3.1"})
        install(tools, "getent", {"ahosts": names})
        monkeypatch.setattr(lock, "load", lambda name: LOCK)
        return {result.name: result for result in preflight(production)}

    return _run


def test_a_subscription_that_has_everything_passes_every_check(run: Run) -> None:
    assert {name: result.found for name, result in run().items() if result.status != "ok"} == {}


def test_quota_is_counted_per_family_at_every_pools_maximum_and_spot_apart(run: Run) -> None:
    found = run()["quota"].found
    assert "standardNCadsH100v5Family 160 needed, 160 of 160 free" in found
    assert "lowPriorityCores 80 needed, 100 of 100 free" in found


def test_a_family_without_quota_fails(run: Run) -> None:
    usage = [item for item in AZ["vm list-usage"] if "H100" not in item["name"]["value"]]
    quota = run({"vm list-usage": usage})["quota"]
    assert quota.status == "failed"
    assert "160 needed, 0 of 0 free" in quota.found


def restricted(kind: str, *zones: str) -> list[dict[str, Any]]:
    info = {"locations": ["westeurope"], "zones": list(zones)}
    return [{**AZ[H100][0], "restrictions": [{"type": kind, "reasonCode": "NotAvailableForSubscription", "restrictionInfo": info}]}]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (restricted("Location"), "restricted in the region: NotAvailableForSubscription"),
        (restricted("Zone", "2"), "not in zone 2"),
        ([], "not offered in the region"),
        ([{**AZ[H100][0], "name": "Standard_NC40ads_H100_v5_other"}], "not offered in the region"),
    ],
)
def test_a_size_that_is_restricted_fails(run: Run, answer: Any, said: str) -> None:
    size = run({H100: answer})["size Standard_NC40ads_H100_v5"]
    assert (size.status, size.found) == ("failed", said)


def changed(key: str, **values: Any) -> dict[str, Any]:
    answer = copy.deepcopy(AZ[key])
    answer.update(values)
    return {key: answer}


STATE = "storage account show --name acmeeuprodtf --resource-group rg-eu-prod-state"
CONTAINER = "storage container exists --name tfstate --account-name acmeeuprodtf"
RIGHTS = next(key for key in AZ if key.startswith("role assignment"))


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("encryption at host", changed("feature show", properties={"state": "NotRegistered"}), "NotRegistered"),
        ("resource providers", {"provider list": AZ["provider list"][1:]}, "not registered: Microsoft.CognitiveServices"),
        ("rights", {RIGHTS: [{"roleDefinitionName": "Contributor"}]}, "Contributor"),
        ("rights", {RIGHTS: []}, "no role"),
        ("Kubernetes version", {"aks get-versions": {"values": [{"version": "1.36", "isPreview": True}]}}, "offered: "),
        (
            "state account",
            changed(STATE, primaryLocation="eastus", allowSharedKeyAccess=None),
            "in eastus, not westeurope; account keys are on",
        ),
        ("state container", {CONTAINER: {"exists": False}}, "missing"),
        ("registry content", {"acr repository list --name acmeeuprod": ["ghcr.io/kedacore/keda"]}, "missing: charts/keda"),
    ],
)
def test_what_is_not_as_it_must_be_fails(run: Run, name: str, answer: dict[str, Any], said: str) -> None:
    result = run(answer)[name]
    assert (result.status, result.found) == ("failed", said)
    assert result.next


def test_an_owner_may_deploy(run: Run) -> None:
    assert run({RIGHTS: [{"roleDefinitionName": "Owner"}]})["rights"].status == "ok"


def test_without_a_lock_the_registrys_content_is_no_pass(production: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "load", lambda name: None)
    assert content(production, ["ghcr.io/kedacore/keda"]) == Verdict(False, "1 repositories, but no eu-prod.images.lock to compare with")


def test_a_public_address_means_that_this_is_not_inside_the_network(run: Run) -> None:
    name = run(names="20.61.99.193 STREAM")["name acmeeuprodkv.vault.azure.net"]
    assert (name.status, name.found) == ("failed", "20.61.99.193 is public")


def test_a_tool_that_refuses_is_a_failure_in_its_own_words(run: Run) -> None:
    usage = run({"vm list-usage": RuntimeError("ERROR: (AuthorizationFailed) not for you")})["quota"]
    assert (usage.status, usage.found) == ("failed", "ERROR: (AuthorizationFailed) not for you")


@pytest.mark.parametrize("answer", ["<html>", [], {"name": "x"}, [{"name": {"value": "cores"}, "limit": "many"}]])
def test_an_answer_of_an_unknown_shape_is_no_pass_and_no_crash(run: Run, answer: Any) -> None:
    assert run({"vm list-usage": answer})["quota"].status == "failed"


def test_who_is_not_signed_in_is_told_once_and_asks_nothing_more(run: Run, tools: Path) -> None:
    results = run({"account show": RuntimeError("ERROR: Please run 'az login' to setup account.")})
    assert results["subscription"].status == "failed"
    assert {result.status for result in results.values() if result.command.startswith("az ") and result.name != "subscription"} == {
        "not-run"
    }
    assert calls(tools, "az") == ["account show --output json"]


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_without_tools_nothing_of_the_cloud_is_a_pass_on_any_target(path: Path, tools: Path) -> None:
    results = list(preflight(load(path)))
    asked = [result for result in results if result.command]
    assert asked
    assert {result.status for result in asked} == {"not-run"}
    assert all(result.found.endswith("is not installed here") for result in asked)
    assert all(result.reason and result.next for result in results)


@pytest.mark.parametrize(("end", "status"), [(date(2027, 6, 1), "ok"), (date(2026, 12, 1), "failed"), (date(2026, 11, 1), "failed")])
def test_keys_that_expire_soon_fail(end: date, status: str) -> None:
    cluster = SimpleNamespace(target="kapsule", kubernetes_version="1.36", keys_expire=end)
    results = list(known(cast(Environment, SimpleNamespace(cluster=cluster)), date(2026, 11, 21)))
    assert [(result.name, result.status) for result in results] == [("Kubernetes support", "ok"), ("keys", status)]


def test_before_the_foundation_nothing_is_asked_about_what_it_creates(tools: Path, production: Environment) -> None:
    names = {result.name for result in preflight(production, "foundation")}
    assert "quota" in names
    assert not names & {"registry content", "age of keys", "name acmeeuprod.azurecr.io"}


@pytest.mark.parametrize(
    ("expires", "enabled", "ok"), [(None, True, True), ("2026-12-31", True, True), ("2026-12-01", True, False), ("2026-11-01", False, True)]
)
def test_what_expires_within_two_weeks_must_be_rotated(expires: str | None, enabled: bool, ok: bool) -> None:
    date_of = f"{expires}T00:00:00+00:00" if expires else None
    attributes = {"created": "2026-09-01T00:00:00+00:00", "updated": None, "expires": date_of, "enabled": enabled}
    verdict = ages([{"name": "database", "attributes": attributes}], datetime(2026, 11, 21, tzinfo=UTC))
    assert verdict.ok is ok
    assert verdict.found.startswith("database 81 days old")


@pytest.mark.parametrize(
    ("today", "status", "said"),
    [(date(2026, 11, 21), "ok", "221 days ("), (date(2027, 5, 1), "ok", "plan the upgrade now"), (date(2027, 7, 1), "failed", "-1 days")],
)
def test_a_version_out_of_support_fails_and_one_near_its_end_says_so(production: Environment, today: date, status: str, said: str) -> None:
    result = kubernetes_support(production, today)
    assert result.status == status
    assert said in result.found


def test_an_unknown_version_is_no_pass(production: Environment) -> None:
    cluster = SimpleNamespace(target="moon", kubernetes_version="1.36")
    assert kubernetes_support(cast(Environment, SimpleNamespace(cluster=cluster)), date(2026, 11, 21)).status == "not-run"


def test_every_support_date_has_a_source() -> None:
    versions = [version for target in yaml.safe_load((FOLDER / "kubernetes.yaml").read_text()).values() for version in target.values()]
    assert all(version["source"] and version["as_of"] for version in versions)


def test_a_tool_that_hangs_did_not_run(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tools / "slow").write_text("#!/bin/sh\nexec /bin/sleep 30\n")
    (tools / "slow").chmod(0o755)
    monkeypatch.setattr(check, "PATIENCE_SECONDS", 0.2)
    result = check.run(Check("slow", "why", ("slow",), lambda answer: Verdict(True, ""), "next"))
    assert result.status == "not-run"
    assert "did not answer" in result.found


def test_evidence_keeps_every_answer_word_for_word_with_its_hash(run: Run, production: Environment, tmp_path: Path) -> None:
    results = list(run().values())
    file, digest = report.keep(production, results, tmp_path / "evidence")
    assert hashlib.sha256(file.read_bytes()).hexdigest() == digest
    kept = {entry["name"]: entry for entry in json.loads(file.read_text())["checks"]}
    assert json.loads(kept["quota"]["answer"]) == AZ["vm list-usage"]
    assert kept["quota"]["answer_sha256"] == hashlib.sha256(kept["quota"]["answer"].encode()).hexdigest()
    assert kept["quota"]["command"] == "az vm list-usage --location westeurope --output json"


def test_evidence_that_cannot_be_written_is_told(run: Run, production: Environment, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BlueprintError, match="--evidence"):
        report.keep(production, [], tmp_path / "file")


def test_the_report_shows_reason_command_and_next_step_of_what_is_not_ok(
    run: Run, production: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    run({CONTAINER: {"exists": False}})
    assert report.tell(production, layer="platform", evidence=None) is False
    out = capsys.readouterr().out
    assert "failed   state container: missing" in out
    assert "run: az storage container exists --name tfstate" in out
    assert "1 failed" in out


def test_scaleway_stock_and_versions_are_judged() -> None:
    scw = answers("scw")
    stock = scw["instance server-type list zone=fr-par-2"]
    assert kapsule._offered(["H100-SXM-2-80G", "PRO2-S"], stock).ok
    assert not kapsule._offered(["L40S-1-48G"], stock).ok
    assert kapsule._offered(["H100-1-80G"], stock) == Verdict(False, "H100-1-80G not sold here")
    assert kapsule._version("1.36", scw["k8s version list region=fr-par"]) == Verdict(True, "offered: 1.35, 1.36")


def test_nodes_of_an_existing_cluster_are_judged() -> None:
    nodes = answers("kubectl")["get nodes"]
    assert onprem._nodes(8, nodes) == Verdict(True, "2 nodes, 8 GPUs, 8 wanted")
    assert not onprem._nodes(16, nodes).ok
    nodes["items"][1]["status"]["conditions"][0]["status"] = "Unknown"
    assert onprem._nodes(8, nodes) == Verdict(False, "2 nodes, 8 GPUs, 8 wanted, not ready: cpu-1")
    assert not onprem._version("1.35", answers("kubectl")["version"]).ok
    assert onprem._storage("local-nvme", answers("kubectl")["get storageclasses"]).ok
