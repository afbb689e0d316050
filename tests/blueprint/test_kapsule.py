"""What Scaleway cannot do is refused where it is written; fr-prod, as shipped, is without findings."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from blueprint.catalog import load_catalog
from blueprint.environment import Environment, Kapsule
from blueprint.environment.checks import Finding, run
from blueprint.environment.document import show
from blueprint.sizing import size_deployment
from blueprint.zones import Zone

FR_PROD = Path(__file__).parents[2] / "environments" / "fr-prod.yaml"
SCALEWAY = load_catalog().providers["scaleway"]


def environment(changes: dict[str, Any] | None = None) -> Environment:
    """fr-prod with values changed at dotted paths."""
    data = YAML(typ="safe", pure=True).load(FR_PROD)
    for path, value in (changes or {}).items():
        *around, last = path.split(".")
        node = data
        for step in around:
            node = node.setdefault(step, {})
        node[last] = value
    return Environment.model_validate({**data, "name": "fr-prod"})


def findings(changes: dict[str, Any]) -> dict[str, Finding]:
    return {show(finding.place): finding for finding in run(environment(changes))}


def errors_at(path: str, changes: dict[str, Any]) -> str:
    """All errors at one place."""
    found = (finding for finding in run(environment(changes)) if finding.severity == "error")
    return "; ".join(finding.message for finding in found if show(finding.place) == path)


def test_fr_prod_is_without_findings() -> None:
    assert findings({}) == {}


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"cluster.zone": "fr-par-1"}, "cluster.zone", "H100-SXM-2-80G of pool h100 is not offered in fr-par-1"),
        ({"cluster.zone": "nl-ams-1"}, "cluster.zone", "nl-ams-1 is no zone of fr-par"),
        ({"cluster.region": "nl-ams", "cluster.zone": "nl-ams-2"}, "cluster.zone", "not offered in nl-ams-2"),
        ({"cluster.gpu_pools.h100.instance": "H100-1-80"}, "cluster.gpu_pools.h100.instance", "instance type of Scaleway"),
        ({"cluster.gpu_pools.h100.spot": True}, "cluster.gpu_pools.h100.spot", "no spot instances"),
        ({"cluster.gpu_pools.h100.time_slicing": {"replicas": 2}}, "cluster.gpu_pools.h100.time_slicing", "its own GPU Operator"),
        ({"monitoring": {"logs_retention_days": 400}}, "monitoring.logs_retention_days", "does not keep data for 400 days"),
        ({"apis.drafting.provider": "azure-openai"}, "apis.drafting.provider", "not created beside a cluster at Scaleway"),
        ({"apis.drafting.model": "qwen"}, "apis.drafting.model", "qwen is no model of Scaleway Managed Inference"),
        ({"apis.drafting.region": "westeurope"}, "apis.drafting.region", "no region of Scaleway"),
        ({"state": {"backend": "azurerm"}}, "state.backend", "under the law of the United States"),
        ({"data_residency.conditions": {}}, "data_residency.conditions.impact_assessment", "Art. 35"),
    ],
)
def test_what_scaleway_cannot_do_is_refused(changes: dict[str, Any], path: str, said: str) -> None:
    assert said in errors_at(path, changes)


def test_the_zones_that_have_the_gpu_are_named() -> None:
    assert findings({"cluster.zone": "fr-par-3"})["cluster.zone"].allowed == "fr-par-2"


def test_a_sovereign_environment_at_scaleway_needs_no_transfer_assessment() -> None:
    assert "data_residency.conditions.transfer_assessment" not in findings({"data_residency.conditions": {}})


def test_the_budget_is_compared_in_the_currency_of_the_prices() -> None:
    assert "EUR" in findings({"budget.amount_per_month": 10})["budget.amount_per_month"].message


@pytest.mark.parametrize("network", ["0.0.0.0/0", "0.0.0.0/4"])
def test_an_api_server_open_to_strangers_is_refused(network: str) -> None:
    with pytest.raises(ValidationError, match="opens the API server to strangers"):
        environment({"cluster.api_server_from": [network]})


def test_an_api_server_that_nobody_may_reach_is_refused() -> None:
    with pytest.raises(ValidationError, match="api_server_from"):
        environment({"cluster.api_server_from": []})


def test_overlapping_ranges_are_refused() -> None:
    with pytest.raises(ValidationError, match="overlaps"):
        environment({"cluster.network": {"address_space": "10.32.0.0/22"}})


def test_every_instance_is_in_a_zone_of_its_region_or_a_plain_one() -> None:
    for machine in SCALEWAY.instances.values():
        zones = [(region.name, zone) for region in SCALEWAY.regions.values() for zone in region.evidence(machine.family).zones]
        assert bool(zones) == bool(machine.gpu), machine.name
        assert all(zone.startswith(f"{region}-") for region, zone in zones)


def test_every_region_of_scaleway_is_sovereign() -> None:
    zone = Zone("eu-sovereign")
    assert zone.regions(SCALEWAY) == ["fr-par", "nl-ams", "pl-waw"]
    assert zone.accepts_operator(SCALEWAY.operator.jurisdiction)


def test_both_models_of_fr_prod_fit_one_h100() -> None:
    env = environment()
    assert isinstance(env.cluster, Kapsule)
    assert {size_deployment(env, name).verdict for name in env.models} == {"fits"}
    assert {size_deployment(env, name).gpu for name in env.models} == {"h100-sxm"}
