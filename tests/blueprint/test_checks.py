"""Cross-checks: each refuses what it should, says why in words, and leaves the environments we ship alone."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ruamel.yaml import YAML

from blueprint import upgrades
from blueprint.catalog import load_catalog
from blueprint.environment import Environment
from blueprint.environment.checks import Finding, names, run
from blueprint.environment.document import show

ENVIRONMENTS = Path(__file__).parents[2] / "environments"


def environment(changes: dict[str, Any] | None = None, name: str = "eu-prod") -> Environment:
    """eu-prod with values changed at dotted paths; None removes one."""
    data = YAML(typ="safe", pure=True).load(ENVIRONMENTS / "eu-prod.yaml")
    for path, value in (changes or {}).items():
        *around, last = path.split(".")
        node = data
        for step in around:
            node = node.setdefault(step, {})
        if value is None:
            del node[last]
        else:
            node[last] = value
    return Environment.model_validate({**data, "name": name})


def findings(changes: dict[str, Any]) -> dict[str, Finding]:
    return {show(finding.place): finding for finding in run(environment(changes))}


def errors(changes: dict[str, Any]) -> dict[str, Finding]:
    return {path: finding for path, finding in findings(changes).items() if finding.severity == "error"}


QWEN = {"model": "qwen3.5-27b", "format": "fp8", "max_context_tokens": 32768, "pool": "h100"}
LARGEST = {"model": "qwen3.5-122b-a10b", "format": "gptq-int4", "pool": "h100"}
LARGE = {"instance": "Standard_NC80adis_H100_v5", "max": 2}


def test_eu_prod_is_without_findings() -> None:
    assert findings({}) == {}


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"cluster.region": "eastus"}, "cluster.region", "eastus is in the United States, outside zone eu-resident"),
        ({"cluster.region": "norwayeast"}, "cluster.region", "Norway"),
        ({"cluster.region": "westeurop"}, "cluster.region", "did you mean `westeurope`?"),
        ({"cluster.region": "europe"}, "cluster.region", "no region of Microsoft Azure"),
        ({"cluster.zones": ["1", "2"], "cluster.region": "germanynorth"}, "cluster.zones", "no availability zones"),
        ({"data_residency.zone": "eu-sovereign"}, "cluster.target", "under the law of the United States"),
        ({"data_residency.zone": "eu-sovereign"}, "apis.drafting.provider", "needs an operator under EU law only"),
        ({"data_residency.conditions": {}}, "data_residency.conditions.processor_contract", "Art. 28"),
        ({"data_residency.conditions": {}}, "data_residency.conditions.transfer_assessment", "third-country law"),
        ({"models.nightly.schedule": None}, "models.nightly.replicas.min", "nothing wakes a model"),
        ({"data_residency.data_class": "special"}, "data_residency.conditions.impact_assessment", "Art. 35"),
        ({"gateway.teams.search.data_class": "special"}, "gateway.teams.search.data_class", "stricter than personal"),
        ({"apis.agents.region": "uksouth"}, "apis.agents.region", "the United Kingdom, outside zone eu-resident"),
        ({"apis.agents.deployment": "GlobalStandard"}, "apis.agents.deployment", "may process prompts in any country; personal data"),
        ({"apis.agents.deployment": "DatazoneStandard"}, "apis.agents.deployment", "did you mean `DataZoneStandard`?"),
        ({"state": {"backend": "azurerm", "region": "eastus2"}}, "state.region", "the United States"),
        ({"state": {"backend": "s3", "region": "mars", "bucket": "tf", "endpoint": "https://s3"}}, "state.region", "no provider"),
        ({"state": {"backend": "azurerm", "storage_account": "tf-state"}}, "state.storage_account", "3 to 24 lower-case letters"),
        ({"cluster.isolated": True, "cluster.existing_firewall_ip": "10.0.0.4"}, "cluster.existing_firewall_ip", "no way out"),
        ({"cluster.gpu_pools.h100.instance": "Standard_NC40ads_H100_v4"}, "cluster.gpu_pools.h100.instance", "did you mean"),
        ({"cluster.gpu_pools.h100.instance": "Standard_D8ds_v5"}, "cluster.gpu_pools.h100.instance", "has no GPU"),
        ({"cluster.system_pool": {"instance": "Standard_D9", "min": 1, "max": 1}}, "cluster.system_pool.instance", "no instance type"),
        ({"cluster.system_pool": {**LARGE, "min": 1}}, "cluster.system_pool.instance", "nothing on the system pool uses"),
        ({"models.analysis.adapters": {"names": ["classify"]}}, "models.analysis.adapters.names", "classify is the name of a model"),
        ({"models.analysis.adapters": {"names": ["drafting"]}}, "models.analysis.adapters.names", "drafting is the name of a model"),
        ({"models.analysis.expert_parallel": True}, "models.analysis.expert_parallel", "needs experts, which qwen3.5-27b has not"),
        ({"models.analysis.pool": "h200"}, "models.analysis.pool", "no GPU pool of this environment"),
        ({"models.analysis.pool": "batch"}, "models.analysis.pool", "spot pool"),
        ({"models.analysis.model": "qwen-27b"}, "models.analysis.model", "no model of the catalogue"),
        ({"models.analysis.format": "fp4"}, "models.analysis.format", "no format of qwen3.5-27b"),
        ({"models.analysis.max_context_tokens": 300_000}, "models.analysis.max_context_tokens", "at most 262144"),
        ({"models.analysis.tensor_parallel": 2}, "models.analysis.tensor_parallel", "Standard_NC80adis_H100_v5 on pool h100"),
        ({"models.analysis.replicas": {"min": 0, "max": 2}}, "models.analysis.replicas.min", "no metrics that could wake it"),
        ({"models.analysis.schedule.replicas": 3}, "models.analysis.schedule.replicas", "at most 2"),
        ({"models.analysis.replicas": {"max": 4}}, "cluster.gpu_pools.h100.max", "need 5 at full scale"),
        ({"models.analysis.replicas": {"min": 4, "max": 4}}, "cluster.gpu_pools.h100.max", "need 5 all the time"),
        ({"models.drafting": QWEN}, "apis.drafting", "the name of a model deployment too"),
        ({"gateway.aliases": {"agents": "analysis"}}, "gateway.aliases.agents", "already"),
        ({"gateway.aliases": {"best": "analysys"}}, "gateway.aliases.best", "did you mean `analysis`?"),
    ],
)
def test_an_environment_that_contradicts_itself_or_the_world_is_refused(changes: dict[str, Any], path: str, said: str) -> None:
    found = errors(changes)
    assert path in found, f"found only {found}"
    assert said in " ".join([found[path].message, found[path].allowed, found[path].next])


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"cluster.region": "germanywestcentral"}, "cluster.gpu_pools.h100.instance", "az vm list-skus --location germanywestcentral"),
        ({"cluster.region": "germanynorth", "cluster.zones": []}, "cluster.region", "germanywestcentral is its open twin"),
        ({"apis.agents.model": "gpt-6"}, "apis.agents.model", "no model of Azure OpenAI"),
        ({"budget.amount_per_month": 5000}, "budget.amount_per_month", "less than what the nodes that always run cost"),
        ({"models.classify": {**LARGEST, "max_context_tokens": 131072, "max_concurrent_requests": 3}}, "models.classify", "measure it"),
    ],
)
def test_what_may_be_right_is_a_warning_only(changes: dict[str, Any], path: str, said: str) -> None:
    found = findings(changes)
    assert errors(changes) == {}
    assert said in " ".join([found[path].message, found[path].allowed, found[path].next])


@pytest.mark.parametrize("deployment", ["DataZoneStandard", "Standard", "ProvisionedManaged"])
def test_prompts_processed_in_the_zone_are_fine(deployment: str) -> None:
    assert findings({"apis.agents.deployment": deployment}) == {}


def test_the_zone_holds_for_every_class_and_beyond_it_the_class_decides() -> None:
    """GlobalStandard is outside eu-resident whatever the data; in zone global the matrix says who may use it."""

    def errors_in(zone: str, data_class: str) -> list[str]:
        changes = {"data_residency.zone": zone, "data_residency.data_class": data_class, "data_residency.conditions": {}}
        teams = {"search": {"data_class": "public"}}
        return list(errors({**changes, "gateway.teams": teams, "apis.agents.deployment": "GlobalStandard"}))

    assert {errors_in("eu-resident", data_class)[0] for data_class in ("public", "internal", "confidential")} == {"apis.agents.deployment"}
    assert {data_class: errors_in("global", data_class) for data_class in ("public", "internal", "confidential")} == {
        "public": [],
        "internal": ["data_residency.conditions.no_training"],
        "confidential": [
            "data_residency.conditions.confidentiality_contract",
            "data_residency.conditions.encryption",
            "data_residency.conditions.access_assessment",
            "apis.agents.deployment",
        ],
    }


def test_a_data_zone_outside_the_eu_is_not_the_eu_s() -> None:
    changes = {"data_residency.zone": "eea", "apis.agents.region": "norwayeast"}
    assert "accounts in EU regions only; norwayeast is in Norway" in errors(changes)["apis.agents.deployment"].message


def test_less_strict_data_needs_no_contract() -> None:
    assert (
        findings(
            {"data_residency.data_class": "internal", "data_residency.conditions": {}, "gateway.teams": {"a": {"data_class": "public"}}}
        )
        == {}
    )


def test_a_model_that_does_not_fit_says_the_arithmetic_and_a_way_out_that_works() -> None:
    large = {**LARGEST, "max_context_tokens": 65536, "max_concurrent_requests": 12}
    finding = errors({"models.classify": large})["models.classify"]
    assert "does not fit NVIDIA H100 NVL 94 GB; weights 73.5 + overhead" in finding.message
    assert "requests of 65536 tokens, 12 asked" in finding.message
    first = finding.next.split(",")[0].removeprefix("max_context_tokens: ")
    assert errors({"models.classify": {**large, "max_context_tokens": int(first)}}) == {}


def test_kv_heads_that_cannot_be_shared_evenly_are_refused() -> None:
    phi = {"model": "phi-4-14b", "format": "bf16", "max_context_tokens": 8192, "pool": "h100", "tensor_parallel": 4}
    found = errors({"models.classify": phi, "cluster.gpu_pools.h100.max": 8})
    assert "10 KV heads, which 4 GPUs cannot share" in found["models.classify.tensor_parallel"].message


def test_a_model_whose_architecture_the_engine_dropped_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = load_catalog()
    gone = catalog.models["phi-4-14b"].model_copy(update={"last_engine_version": "0.23.0"})
    told = SimpleNamespace(models={**catalog.models, "phi-4-14b": gone}, engines=catalog.engines, apis=catalog.apis)
    monkeypatch.setattr(names, "load_catalog", lambda: told)
    phi = {"model": "phi-4-14b", "format": "bf16", "max_context_tokens": 8192, "pool": "h100"}
    found = errors({"models.classify": phi})["models.classify.model"]
    assert "no Phi-4 14B any more; 0.23.0 was the last that had" in found.message


def test_two_gpus_per_node_carry_a_replica_split_in_two() -> None:
    changes = {
        "cluster.gpu_pools.h100": LARGE,
        "models.analysis.tensor_parallel": 2,
        "models.analysis.replicas": {"max": 1},
        "models.analysis.schedule": None,
    }
    assert errors(changes) == {}


def test_a_storage_account_name_always_fits_its_24_characters() -> None:
    longest = environment({"organisation": "abcdefgh"}, name="abcdefghijkl")
    assert len(longest.unique_name("data")) == 24


def test_a_part_that_was_refused_silences_the_checks_that_need_it_and_no_others() -> None:
    partial = environment({"cluster.region": "eastus", "models.analysis.pool": "h200"})
    del partial.cluster.__dict__["region"]
    assert {show(finding.place) for finding in run(partial)} == {"models.analysis.pool"}


def test_a_mistake_of_ours_in_a_check_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(env: Environment) -> Any:
        yield getattr(env.name, "no_such_attribute")  # noqa: B009

    monkeypatch.setattr("blueprint.environment.checks.ENVIRONMENT", [broken])
    with pytest.raises(AttributeError):
        list(run(environment()))


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2027, 4, 1), ""),
        (date(2027, 4, 2), "support of Kubernetes 1.36 on aks ends on 2027-06-30, in 89 days"),
        (date(2027, 7, 1), "support of Kubernetes 1.36 on aks ended on 2027-06-30"),
    ],
)
def test_a_kubernetes_version_near_the_end_of_its_support_is_a_warning(today: date, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrades, "today", lambda: today)
    found = findings({}).get("cluster.kubernetes_version", Finding((), "", severity="warning"))
    assert found.message.startswith(said)
    assert bool(found.message) == bool(said)
    assert found.severity == "warning"
