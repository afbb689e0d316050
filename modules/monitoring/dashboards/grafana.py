"""A dashboard's file as the JSON Grafana 13 reads (`@grafana/schema` 13.2, kind `dashboard`, schemaVersion 42).

The page around the panels (panels.py): variables, links to the other pages, red lines where an alert fired, and places on the grid.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from blueprint.environment import Environment
from modules.monitoring.dashboards import panels
from modules.monitoring.dashboards.models import COLUMNS, Dashboard
from modules.monitoring.dashboards.panels import BAD, SOURCE, Json

SCHEMA_VERSION = 42
TAG = "sovereign-inference"

# Variable → where its values come from.
VALUES = {
    "cluster": "label_values(up, cluster)",
    "namespace": 'label_values(model:llm_running:sum{cluster=~"$cluster"}, namespace)',
    "model": 'label_values(model:llm_running:sum{cluster=~"$cluster", namespace=~"$namespace"}, model_name)',
    "node": 'label_values(gpu:temperature_celsius:max{cluster=~"$cluster"}, node)',
    "route": 'label_values(route:gateway_requests:rate5m{cluster=~"$cluster"}, route)',
    "consumer": 'label_values(consumer:gateway_requests:rate5m{cluster=~"$cluster"}, consumer)',
}
FIRING = 'ALERTS{alertstate="firing", severity=~"page|ticket", cluster=~"$cluster"}'


def render(dashboard: Dashboard, env: Environment) -> Json:
    """The dashboard of one environment: limits are those its alerts have there."""
    return {
        "uid": f"inference-{dashboard.name}",
        "title": dashboard.title,
        "description": dashboard.what,
        "tags": [TAG],
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "1m",
        "timezone": "browser",
        "time": {"from": f"now-{dashboard.hours}h", "to": "now"},
        "links": [panels.link("Inference", "dashboards", tags=[TAG], asDropdown=True, includeVars=True, keepTime=True)],
        "annotations": {"list": [_firing()]},
        "templating": {"list": [_source(), *(_variable(name) for name in ("cluster", *dashboard.variables))]},
        "panels": list(_placed(dashboard, env)),
    }


def _source() -> Json:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1}


def _variable(name: str) -> Json:
    everything = {"text": "All", "value": "$__all"}
    return {
        "name": name,
        "label": name.capitalize(),
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": VALUES[name], "refId": name},
        "refresh": 2,  # when the time range changes: what is gone today was there yesterday
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": everything,
    }


def _firing() -> Json:
    """Red lines where an alert fired."""
    return {
        "name": "Alerts",
        "datasource": SOURCE,
        "enable": True,
        "iconColor": BAD,
        "target": {"refId": "Alerts", "expr": FIRING},
    }


def _placed(dashboard: Dashboard, env: Environment) -> Iterator[Json]:
    """Rows below one another; within a row every panel as high up, then as far left, as there is room."""
    number = count(1)
    filled = [0] * COLUMNS  # lines taken, per column
    for row in dashboard.rows:
        top = max(filled)
        filled = [top + 1] * COLUMNS
        yield {
            "id": next(number),
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "panels": [],
            "gridPos": _place(0, top, COLUMNS, 1),
        }
        for panel in row.panels:
            top, left = min((max(filled[x : x + panel.width]), x) for x in range(COLUMNS - panel.width + 1))
            filled[left : left + panel.width] = [top + panel.height] * panel.width
            yield {"id": next(number), **panels.render(panel, env), "gridPos": _place(left, top, panel.width, panel.height)}


def _place(left: int, top: int, width: int, height: int) -> Json:
    return {"x": left, "y": top, "w": width, "h": height}


def expressions(dashboard: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every query of a rendered dashboard with the title of what asks it: panels, variables and annotations."""
    for panel in dashboard["panels"]:
        yield from ((f"panel {panel['title']!r}", target["expr"]) for target in panel.get("targets", ()))
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield (
                f"variable {variable['name']}",
                re.sub(r"^label_values\((.*), *(\w+)\)$", r"count by (\2) (\1)", variable["query"]["query"]),
            )
    yield from ((f"annotation {one['name']!r}", one["target"]["expr"]) for one in dashboard["annotations"]["list"])
