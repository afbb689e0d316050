"""What an environment file may say about where its data goes: each destination refused at the key that chose it."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from blueprint.cli import command_line
from blueprint.environment import Environment
from blueprint.environment.checks import Finding, run
from blueprint.environment.document import show
from blueprint.residency_catalog import today

ENVIRONMENTS = Path(__file__).parents[2] / "environments"


def environment(name: str, changes: dict[str, Any]) -> Environment:
    data = YAML(typ="safe", pure=True).load(ENVIRONMENTS / f"{name}.yaml")
    for path, value in changes.items():
        *around, last = path.split(".")
        node = data
        for step in around:
            node = node.setdefault(step, {})
        node[last] = value
    return Environment.model_validate({**data, "name": name})


def errors(name: str, changes: dict[str, Any]) -> dict[str, Finding]:
    return {show(finding.place): finding for finding in run(environment(name, changes)) if finding.severity == "error"}


@pytest.mark.parametrize("name", [path.stem for path in sorted(ENVIRONMENTS.glob("*.yaml"))])
def test_what_we_ship_is_where_it_may_be(name: str) -> None:
    assert errors(name, {}) == {}


S3 = {"backend": "s3", "bucket": "tf", "endpoint": "https://s3.acme.internal"}


@pytest.mark.parametrize(
    ("name", "changes", "path", "said"),
    [
        ("eu-prod", {"data_residency.country": "FR"}, "cluster.region", "the Netherlands, outside zone eu-resident (FR only)"),
        ("eu-prod", {"data_residency.country": "NL"}, "apis.agents.deployment", "DataZoneStandard"),
        (
            "eu-prod",
            {"data_residency.zone": "global", "data_residency.data_class": "special"},
            "data_residency.zone",
            "may not be in all of",
        ),
        ("eu-prod", {"data_residency.zone": "global", "cluster.region": "eastus"}, "cluster.region", "standard contractual clauses"),
        ("eu-prod", {"state": {**S3, "region": "us-east-1"}}, "state.region", "the United States"),
        (
            "eu-prod",
            {"state": {**S3, "region": "fr-par", "endpoint": "https://s3.us-west-2.amazonaws.com"}},
            "state.endpoint",
            "United States",
        ),
        ("fr-prod", {"state": {**S3, "region": "eu-central-1"}}, "state.region", "run by Amazon under the law of the United States"),
        (
            "fr-prod",
            {"state": {**S3, "region": "fr-par", "endpoint": "https://sos-at-vie-1.exo.io"}},
            "state.endpoint",
            "law of Switzerland",
        ),
        ("fr-prod", {"state": {"backend": "azurerm"}}, "state.region", "fr-par is no region of Microsoft Azure"),
        ("dc-prod", {"cluster.country": "CH"}, "cluster.region", "frankfurt-1 is in Switzerland"),
        ("dc-prod", {"cluster.operator.jurisdiction": "US"}, "cluster.target", "under the law of the United States"),
        ("dc-prod", {"cluster.object_store.endpoint": "https://s3.eu-west-1.amazonaws.com"}, "cluster.object_store.endpoint", "Amazon"),
        ("dc-prod", {"cluster.object_store.region": "us-east-1"}, "cluster.object_store.region", "the United States"),
        ("dc-prod", {"cluster.registry": "ghcr.io/acme"}, "cluster.registry", "any country"),
        ("dc-prod", {"cluster.database.host": "db.eastus.cloudapp.azure.com"}, "cluster.database.host", "the United States"),
        (
            "dc-prod",
            {"cluster.secret_store.vault.server": "https://acme.hashicorp.cloud"},
            "cluster.secret_store.vault.server",
            "any country",
        ),
        ("eu-prod", {"data_residency.data_class": "special"}, "data_residency.conditions.customer_keys", "keys held by the customer"),
        ("eu-prod", {"data_residency.data_class": "regulated-function"}, "data_residency.conditions.exit_plan", "Art. 28(8) DORA"),
        (
            "eu-prod",
            {"data_residency.conditions.processor_contract": date(2099, 1, 1)},
            "data_residency.conditions.processor_contract",
            "future",
        ),
        (
            "eu-prod",
            {"data_residency.conditions.processor_contract": date(2017, 1, 1)},
            "data_residency.conditions.processor_contract",
            "too old",
        ),
        (
            "eu-prod",
            {"data_residency.dpf_recipients": {"Microsoft": date(2024, 1, 1)}},
            "data_residency.dpf_recipients.Microsoft",
            "every year",
        ),
    ],
)
def test_a_destination_that_is_not_lawful_is_refused_where_it_was_chosen(name: str, changes: dict[str, Any], path: str, said: str) -> None:
    found = errors(name, changes)
    assert path in found, f"found only {found}"
    assert said in " ".join([found[path].message, found[path].allowed, found[path].next])


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("eu-prod", {"state": {**S3, "region": "eu-central-1", "endpoint": "https://s3.eu-central-1.amazonaws.com"}}),
        ("eu-prod", {"state": {**S3, "region": "gra", "endpoint": "https://s3.gra.io.cloud.ovh.net"}}),
        ("fr-prod", {"data_residency.country": "FR"}),
        ("dc-prod", {"data_residency.country": "DE"}),
        ("dc-prod", {"cluster.object_store.endpoint": "https://s3.fsn1.your-objectstorage.com"}),
        ("dc-prod", {"cluster.object_store.endpoint": "https://s3.acme.example"}),
        ("eu-prod", {"data_residency.zone": "eea", "apis": {}, "cluster.region": "norwayeast"}),
    ],
)
def test_a_destination_in_the_zone_is_not_refused(name: str, changes: dict[str, Any]) -> None:
    assert errors(name, changes) == {}


def test_an_american_region_is_adequate_for_a_certified_recipient_with_clauses_to_fall_back_on() -> None:
    recent = today() - timedelta(30)
    signed = dict.fromkeys(("processor_contract", "transfer_record", "standard_clauses"), recent)
    changes = {
        "data_residency.zone": "adequate",
        "data_residency.conditions": signed,
        "data_residency.dpf_recipients": {"Microsoft": recent},
    }
    changes |= {"cluster.region": "eastus", "apis": {}}
    assert errors("eu-prod", changes) == {}
    assert set(errors("eu-prod", {**changes, "data_residency.dpf_recipients": {}})) == {"cluster.region"}
    del signed["standard_clauses"]
    assert set(errors("eu-prod", changes)) == {"data_residency.conditions.standard_clauses"}


def test_tables_nobody_has_checked_for_half_a_year_are_a_warning_of_validate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blueprint.residency_catalog.today", lambda: date(2027, 8, 1))
    result = CliRunner().invoke(command_line(), ["validate", str(ENVIRONMENTS / "eu-prod.yaml")])
    assert result.exit_code == 0, result.output
    assert "catalog/residency/countries.yaml  warning: was last checked 253 days ago" in result.output
