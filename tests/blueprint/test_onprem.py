"""On-premises: the contract in the file stands for a cloud of the catalogue, and must add up."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from blueprint import secrets
from blueprint.environment import Environment
from blueprint.environment.checks import Finding, run
from blueprint.environment.document import show
from blueprint.environment.loading import examine
from blueprint.hosting import CONTRACT, provider
from blueprint.rehearsal.cost import monthly_cost

FILE = Path(__file__).parents[2] / "environments" / "dc-prod.yaml"
API = {"provider": "azure-openai", "model": "gpt-5.4-mini", "region": "westeurope", "deployment": "DataZoneStandard"}
SIGNED = {"processor_contract": "2026-03-01", "transfer_assessment": "2026-03-01"}


def data(changes: dict[str, Any]) -> dict[str, Any]:
    """dc-prod with values changed at dotted paths."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(FILE)
    for path, value in changes.items():
        *around, last = path.split(".")
        node = found
        for step in around:
            node = node.setdefault(step, {})
        node[last] = value
    return found


def environment(**changes: Any) -> Environment:
    return Environment.model_validate({"name": "dc-prod", **data({key.replace("__", "."): value for key, value in changes.items()})})


def findings(changes: dict[str, Any]) -> dict[str, Finding]:
    env = Environment.model_validate({"name": "dc-prod", **data(changes)})
    return {show(finding.place): finding for finding in run(env)}


def test_dc_prod_is_without_findings() -> None:
    assert findings({}) == {}


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"cluster.country": "US"}, "cluster.region", "frankfurt-1 is in the United States, outside zone eu-sovereign"),
        ({"cluster.operator.jurisdiction": "US"}, "cluster.target", "needs an operator under EU law only"),
        ({"cluster.node_types.hgx.gpu": "h100-smx"}, "cluster.node_types.hgx.gpu", "did you mean `h100-sxm`?"),
        ({"cluster.node_types.general.gpus": 2}, "cluster.node_types.general.gpus", "or neither"),
        ({"cluster.node_types.hgx.nvlink_gpus": 16}, "cluster.node_types.hgx.nvlink_gpus", "at most 8"),
        ({"cluster.gpu_pools.whole.min": 0}, "cluster.gpu_pools.whole.min", "always there"),
        ({"cluster.system_pool.min": 1}, "cluster.system_pool.min", "min: 3"),
        ({"cluster.gpu_pools.whole.spot": True}, "cluster.gpu_pools.whole.spot", "only a cloud"),
        ({"cluster.gpu_pools.whole.instance": "dgx"}, "cluster.gpu_pools.whole.instance", "add it to cluster.node_types"),
        ({"apis": {"drafting": API}}, "apis.drafting", "pods on-premises do not have"),
        ({"state.region": "eastus"}, "state.region", "the United States"),
        ({"state.region": "paris-9"}, "state.region", "no provider"),
        ({"cluster.arc": {"region": "eastus", "agent_public_key_certificate": "AA=="}}, "cluster.arc.region", "the United States"),
        ({"cluster.arc": {"region": "germanywestcentral", "agent_public_key_certificate": "AA=="}}, "cluster.arc", "run by Microsoft"),
    ],
)
def test_a_contract_that_does_not_add_up_is_refused(changes: dict[str, Any], path: str, said: str) -> None:
    found = findings(changes)
    assert path in found, f"found only {found}"
    assert found[path].severity == "error"
    assert said in " ".join([found[path].message, found[path].allowed, found[path].next])


def test_arc_in_the_zone_is_fine_where_its_operator_may_be() -> None:
    changes = {"data_residency": {"zone": "eu-resident", "data_class": "personal", "conditions": SIGNED}}
    changes["cluster.arc"] = {"region": "germanywestcentral", "agent_public_key_certificate": "AA=="}
    assert findings(changes) == {}
    changes["data_residency"] = {"zone": "eu-resident", "data_class": "personal", "conditions": {"processor_contract": "2026-03-01"}}
    assert "transfer assessment" in findings(changes)["cluster.arc"].message


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ("kubeconfig: ~/.kube/dc-prod", "insecure: yes", "cluster.access.insecure", "unknown key"),
        ("{kubeconfig: ~/.kube/dc-prod, context: dc-prod}", "{context: dc-prod}", "cluster.access", "either kubeconfig or exec"),
        ("country: DE", "country: Germany", "cluster.country", "two letters"),
        ("profile: 3g.40gb", "profile: half", "cluster.gpu_pools.slices.mig.profile", "such as 3g.47gb"),
        ("registry: registry.", "registry: https://registry.", "cluster.registry", "a registry's host"),
        ("{vault: {server:", "{kubernetes: {namespace: s}, vault: {server:", "cluster.secret_store", "either vault or kubernetes"),
        ("  api_server_cidrs: [10.20.0.0/28]\n", "", "cluster.api_server_cidrs", "required"),
        ("  node_types: ", "  node_kinds: ", "cluster.node_types", "required"),
    ],
)
def test_what_is_no_contract_is_told_by_line(old: str, new: str, path: str, said: str, tmp_path: Path) -> None:
    text = FILE.read_text()
    assert old in text
    broken = tmp_path / "dc-prod.yaml"
    broken.write_text(text.replace(old, new, 1))
    env, problems = examine(broken)
    (problem,) = [problem for problem in problems if problem.path == path]
    assert env is None
    assert problem.line > 1
    assert said in f"{problem.message} {problem.allowed}"


def test_the_site_is_described_as_the_catalogue_describes_a_cloud() -> None:
    site = provider(environment())
    assert (site.regions["frankfurt-1"].country, site.operator.jurisdiction) == ("DE", "DE")
    assert site.instances["hgx"].model_dump(include={"gpu", "gpus", "nvlink_gpus", "vcpus"}) == {
        "gpu": "h100-sxm",
        "gpus": 8,
        "nvlink_gpus": 8,
        "vcpus": 192,
    }
    assert {site.source, site.instances["hgx"].source} == {CONTRACT}
    assert site.as_of == "2026-11-21"


def test_machines_cost_what_the_site_charges_and_nothing_is_made_up() -> None:
    (now,) = monthly_cost(environment()).now
    assert (now.low, now.currency) == (round(730 * (2 * 14.5 + 3 * 0.6)), "EUR")
    assert monthly_cost(environment(cluster__node_types__hgx__eur_per_hour=None)).unpriced == ("whole (hgx)", "slices (hgx)")


def test_slow_storage_gives_models_more_time_to_start() -> None:
    from blueprint.sizing import size_deployment

    slow = environment(cluster__object_store__weights_gib_per_second=0.1)
    assert size_deployment(slow, "search").startup_seconds > size_deployment(environment(), "search").startup_seconds + 200


def test_every_secret_somebody_must_fill_in_is_listed_with_its_purpose() -> None:
    found = {secret.name: secret for secret in secrets.required(environment())}
    assert found["weights-reader"].properties == ("access_key", "secret_key")
    assert {"mlflow-database-password", "model-analysis-api-key", "team-case-management-api-key"} <= set(found)
    assert all(secret.purpose for secret in found.values())
    assert list(found) == sorted(found)
