"""Dashboards: what Grafana's own schema takes, a grid without holes or heaps, and panels that say what they show."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from blueprint.monitoring import load as load_rules
from blueprint.monitoring.settings import value
from modules.monitoring import dashboards
from modules.monitoring.dashboards import grafana
from modules.monitoring.dashboards.models import COLUMNS, Dashboard
from tests.modules.monitoring import contract, promql
from tests.modules.monitoring.cases import environment
from tests.modules.platform import environment as shipped
from tests.modules.platform import platform

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "grafana" / "dashboard.json").read_text())
DASHBOARDS = dashboards.load()
RENDERED = {name: grafana.render(one, environment()) for name, one in DASHBOARDS.items()}
PANELS = [(name, panel) for name, one in RENDERED.items() for panel in one["panels"] if panel["type"] != "row"]
MIB = 1024 * 1024

every_dashboard = pytest.mark.parametrize("name", DASHBOARDS)


def complaints(content: Any, definition: str) -> list[str]:
    validator = jsonschema.Draft7Validator({"$ref": f"#/definitions/{definition}", "definitions": SCHEMA["definitions"]})
    return [f"{'.'.join(map(str, found.path))}: {found.message}"[:300] for found in validator.iter_errors(content)]


@every_dashboard
def test_grafanas_own_schema_takes_it(name: str) -> None:
    assert complaints(RENDERED[name], "Dashboard") == []


@every_dashboard
def test_grafanas_own_schema_takes_every_panels_options(name: str) -> None:
    for panel in RENDERED[name]["panels"]:
        if panel["type"] != "row":
            assert complaints(panel["options"], f"{panel['type']}.Options") == [], panel["title"]
            if f"{panel['type']}.FieldConfig" in SCHEMA["definitions"]:
                assert complaints(panel["fieldConfig"]["defaults"]["custom"], f"{panel['type']}.FieldConfig") == [], panel["title"]


def test_the_schema_refuses_what_grafana_does_not_know() -> None:
    assert complaints({**RENDERED["overview"], "schemaVersion": "42"}, "Dashboard")
    assert complaints({"colorMode": "purple"}, "stat.Options")


@every_dashboard
def test_panels_stay_on_the_grid_and_never_overlap(name: str) -> None:
    places = {panel["title"]: panel["gridPos"] for panel in RENDERED[name]["panels"]}
    assert len(places) == len(RENDERED[name]["panels"]), "two panels have the same title"
    assert all(place["x"] >= 0 and place["x"] + place["w"] <= COLUMNS for place in places.values())
    assert [pair for pair in combinations(places, 2) if overlap(places[pair[0]], places[pair[1]])] == []


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    return not beside and not below


@every_dashboard
def test_lines_of_panels_are_full(name: str) -> None:
    """A hole at the end of a line looks as if something were missing."""
    lines: dict[int, int] = {}
    for panel in RENDERED[name]["panels"]:
        place = panel["gridPos"]
        for line in range(place["y"], place["y"] + place["h"]):
            lines[line] = lines.get(line, 0) + place["w"]
    assert {line for line, width in lines.items() if width != COLUMNS} == set()


@every_dashboard
def test_every_panel_has_an_id_of_its_own(name: str) -> None:
    ids = [panel["id"] for panel in RENDERED[name]["panels"]]
    assert len(set(ids)) == len(ids)


def test_every_dashboard_has_an_address_of_its_own() -> None:
    assert len({one["uid"] for one in RENDERED.values()}) == len(RENDERED)
    assert all(8 <= len(one["uid"]) <= 40 for one in RENDERED.values())


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=[f"{name}: {panel['title']}" for name, panel in PANELS])
def test_a_panel_says_what_it_shows(name: str, panel: dict[str, Any]) -> None:
    assert panel["description"]
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["fieldConfig"]["defaults"]["noValue"]
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert all(target["datasource"] == panel["datasource"] for target in panel["targets"])


def test_rates_are_as_long_as_grafana_says_and_nothing_names_an_instance() -> None:
    for name, panel in PANELS:
        for target in panel["targets"]:
            assert "instance=" not in target["expr"], (name, panel["title"])
            if "rate(" in target["expr"]:
                assert "[$__rate_interval]" in target["expr"], (name, panel["title"])


def test_every_query_keeps_to_the_cluster_chosen_above() -> None:
    everywhere = {"Error budget left", "How fast it is used up"}  # objectives are the environment's, there is one
    for name, panel in PANELS:
        for target in panel["targets"]:
            assert 'cluster=~"$cluster"' in target["expr"] or panel["title"] in everywhere, (name, panel["title"])


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=[f"{name}: {panel['title']}" for name, panel in PANELS])
def test_legends_and_columns_name_labels_there_are(name: str, panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        there = promql.result_labels(target["expr"], contract.everything()) | {"Value"}
        named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        columns = panel["transformations"][0]["options"]["renameByName"].keys() if panel["type"] == "table" else set()
        assert named | columns <= there


@every_dashboard
def test_every_variable_is_used(name: str) -> None:
    used = json.dumps(RENDERED[name]["panels"])
    for variable in DASHBOARDS[name].variables:
        assert f'=~\\"${variable}\\"' in used, variable


@every_dashboard
def test_limits_and_runbooks_are_those_of_alerts_there_are(name: str) -> None:
    rules = load_rules()
    for panel in (panel for row in DASHBOARDS[name].rows for panel in row.panels):
        if panel.runbook:
            assert panel.runbook in rules.alerts, panel.title
        if isinstance(panel.limit, str):
            alert, parameter = panel.limit.split(".")
            assert parameter in rules.alerts[alert].parameters, panel.title


def test_a_limit_moves_with_the_environments_figure() -> None:
    env = environment()
    figure = load_rules().alerts["QueueDeep"].parameters["depth"]
    assert figure.setting is not None
    setting = figure.setting.rpartition(".")[2]
    changed = env.model_copy(update={"monitoring": env.monitoring.model_copy(update={"thresholds": {setting: 7.0}})})
    assert value(figure, changed) == 7
    assert drawn(DASHBOARDS["overview"], "Requests that wait, per model", changed) == 7


def drawn(dashboard: Dashboard, title: str, env: Any) -> float:
    panel = next(panel for panel in grafana.render(dashboard, env)["panels"] if panel["title"] == title)
    return float(panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"])


def test_a_panel_leads_to_its_runbook_where_the_browser_can_read_it() -> None:
    env = environment()
    readable = env.model_copy(update={"monitoring": env.monitoring.model_copy(update={"runbooks": "https://wiki.acme.internal/runbooks"})})
    panels = {panel["title"]: panel for panel in grafana.render(DASHBOARDS["overview"], readable)["panels"]}
    assert panels["Hottest cards"]["links"][0]["url"] == "https://wiki.acme.internal/runbooks/GpuHot.md"
    (column,) = panels["Firing alerts"]["fieldConfig"]["overrides"]
    assert column["properties"][0]["value"][0]["url"] == "https://wiki.acme.internal/runbooks/${__value.text}.md"


@pytest.mark.parametrize("name", ["eu-prod", "fr-prod", "dc-prod", "dev"])
def test_every_dashboard_fits_into_a_config_map_grafanas_helper_picks_up(name: str) -> None:
    maps = dashboards.config_maps(shipped(name))
    assert len(maps) == len(DASHBOARDS)
    for item in maps:
        (content,) = item["data"].values()
        assert len(content.encode()) < MIB / 2
        assert json.loads(content)["title"]
        assert item["metadata"]["labels"] == {"grafana_dashboard": "1"}


def test_a_dashboard_arrives_as_it_was_written() -> None:
    """Terraform and Helm have a meaning of their own for ${…} and {{…}}, both of which Grafana uses."""
    env = shipped("eu-prod")
    shipped_one = platform("eu-prod").object("ConfigMap", "dashboard-overview")["data"]["overview.json"]
    assert json.loads(shipped_one) == json.loads(json.dumps(grafana.render(DASHBOARDS["overview"], env)))
    assert "${datasource}" in shipped_one
    assert "{{model_name}}" in shipped_one
