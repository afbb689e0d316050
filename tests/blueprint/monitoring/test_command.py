"""`blueprint alerts`."""

import json

import yaml
from typer.testing import CliRunner

from blueprint.cli import command_line
from blueprint.monitoring import groups, load
from tests.blueprint.monitoring.test_rendering import ENVIRONMENTS, environment

EU_PROD = str(ENVIRONMENTS / "eu-prod.yaml")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command_line(), ["alerts", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_every_alert_is_listed_with_severity_figures_source_and_runbook() -> None:
    lines = run().splitlines()
    assert {line.split()[0] for line in lines if line.startswith("  ") and not line.startswith("   ")} == set(load().alerts)
    first = next(number for number, line in enumerate(lines) if line.startswith("  FirstTokenSlow "))
    told = " ".join(" ".join(lines[first : first + 3]).split())
    assert told.startswith("FirstTokenSlow ticket after 5m threshold 0.5 seconds, traffic 0.1 requests per second")
    assert "TTFT P95 > 500 ms" in told
    assert told.endswith("docs/runbooks/FirstTokenSlow.md")


def test_programs_read_the_same_of_an_environment() -> None:
    found = {one["name"]: one for one in json.loads(run(EU_PROD, "--format", "json"))}
    assert set(found) == set(load().alerts)
    threshold = found["FirstTokenSlow"]["figures"][0]
    assert threshold == {
        "name": "threshold",
        "value": "0.5",
        "unit": "seconds",
        "setting": "monitoring.thresholds.ttft_p95_seconds",
        "why": "",
    }


def test_rules_are_a_file_prometheus_reads() -> None:
    env = environment(**yaml.safe_load((ENVIRONMENTS / "eu-prod.yaml").read_text())["monitoring"])
    assert yaml.safe_load(run(EU_PROD, "--format", "rules")) == {"groups": [group.as_dict() for group in groups(load(), env)]}


def test_rules_without_an_environment_are_refused() -> None:
    result = CliRunner().invoke(command_line(), ["alerts", "--format", "rules"])
    assert result.exit_code != 0
    assert "rules are an environment's" in str(result.exception)
