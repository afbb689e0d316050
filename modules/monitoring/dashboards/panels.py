"""A panel's file as the JSON Grafana reads. What should look alike on all pages is decided here once: legends, colours, what an empty
panel says, where a limit is drawn and where its runbook is.
"""

import re
from typing import Any

from blueprint.environment import Environment
from blueprint.monitoring import load as load_rules
from blueprint.monitoring.rendering import runbook
from blueprint.monitoring.settings import value
from modules.monitoring.dashboards.models import Panel, Query

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
GOOD, BAD, PLAIN = "green", "red", "text"

# What `$of_…` stands for in an expression: matchers of the variables on top of the page.
MATCHERS = {
    "of_cluster": 'cluster=~"$cluster"',
    "of_model": 'cluster=~"$cluster", namespace=~"$namespace", model_name=~"$model"',
    "of_node": 'cluster=~"$cluster", node=~"$node"',
    "of_route": 'cluster=~"$cluster", route=~"$route"',
    "of_consumer": 'cluster=~"$cluster", consumer=~"$consumer"',
}
MACRO = re.compile(r"\$(of_[a-z]+)")

Json = dict[str, Any]


def render(panel: Panel, env: Environment) -> Json:
    """All of a panel but its number and place."""
    limit = _limit(panel, env)
    shape = {"timeseries": _timeseries, "stat": _stat, "table": _table, "heatmap": _heatmap, "bargauge": _bargauge}[panel.kind]
    options, custom, overrides, transformations = shape(panel, limit, env)
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": _description(panel, env),
        "datasource": SOURCE,
        "targets": [_target(panel, index, query) for index, query in enumerate(panel.queries)],
        "links": _links(panel, env),
        "options": options,
        "fieldConfig": {"defaults": {**_field(panel, limit), "custom": custom}, "overrides": overrides},
        "transformations": transformations,
    }


def _limit(panel: Panel, env: Environment) -> float | None:
    """The figure of the alert itself, so that there is one; or what needs no explanation, such as 0."""
    if panel.limit is None or isinstance(panel.limit, float):
        return panel.limit
    alert, _, name = panel.limit.partition(".")
    return float(value(load_rules().alerts[alert].parameters[name], env))


def _description(panel: Panel, env: Environment) -> str:
    page = f" Runbook: {runbook(panel.runbook, env)}" if panel.runbook else ""
    return f"{panel.what}.{page}"


def _links(panel: Panel, env: Environment) -> list[Json]:
    """A page that only lies in the checkout cannot be linked from a browser."""
    if panel.runbook is None or env.monitoring.runbooks is None:
        return []
    return [link(f"Runbook {panel.runbook}", "link", url=runbook(panel.runbook, env), targetBlank=True)]


def link(title: str, kind: str, **more: Any) -> Json:
    plain = {"icon": "external link", "tooltip": "", "tags": [], "asDropdown": False, "includeVars": False, "keepTime": False}
    return {"title": title, "type": kind, "targetBlank": False, **plain, **more}


def _target(panel: Panel, index: int, query: Query) -> Json:
    now = panel.kind in ("stat", "table", "bargauge")
    shown = {"table": "table", "heatmap": "heatmap"}.get(panel.kind, "time_series")
    return {
        "refId": chr(ord("A") + index),
        "datasource": SOURCE,
        "editorMode": "code",
        "expr": MACRO.sub(lambda found: MATCHERS[found[1]], query.expr).strip(),
        "legendFormat": query.legend or "__auto",
        "format": shown,
        "instant": now,
        "range": not now,
    }


def _field(panel: Panel, limit: float | None) -> Json:
    """A division by no traffic is NaN and a series that is gone is null: neither is zero."""
    nothing = {"type": "special", "options": {"match": "null+nan", "result": {"text": panel.empty, "color": PLAIN}}}
    given = {"min": panel.lowest, "max": panel.highest, "decimals": panel.decimals}
    return {
        "unit": panel.unit,
        "noValue": panel.empty,
        "mappings": [nothing],
        "thresholds": {"mode": "absolute", "steps": _steps(panel, limit)},
        "color": {"mode": "thresholds" if panel.kind in ("stat", "bargauge") else "palette-classic"},
        **{key: figure for key, figure in given.items() if figure is not None},
    }


def _steps(panel: Panel, limit: float | None) -> list[Json]:
    if limit is None:
        return [{"value": None, "color": PLAIN if panel.kind in ("stat", "bargauge") else GOOD}]
    first, then = (GOOD, BAD) if panel.bad == "above" else (BAD, GOOD)
    return [{"value": None, "color": first}, {"value": limit, "color": then}]


Shape = tuple[Json, Json, list[Json], list[Json]]


def _timeseries(panel: Panel, limit: float | None, env: Environment) -> Shape:
    lines = {
        "drawStyle": "line",
        "lineWidth": 1,
        "fillOpacity": 25 if panel.stacked else 5,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "off" if limit is None else "dashed"},
    }
    legend = {"displayMode": "table", "placement": "bottom", "showLegend": True, "calcs": ["lastNotNull", "max"]}
    return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}, lines, [], []


def _stat(panel: Panel, limit: float | None, env: Environment) -> Shape:
    options = {
        "colorMode": "value",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "textMode": "auto",
        "wideLayout": True,
        "showPercentChange": False,
        "percentChangeColorMode": "standard",
        "reduceOptions": _last(),
    }
    return options, {}, [], []


def _bargauge(panel: Panel, limit: float | None, env: Environment) -> Shape:
    options = {
        "displayMode": "basic",
        "orientation": "horizontal",
        "showUnfilled": True,
        "valueMode": "color",
        "namePlacement": "auto",
        "sizing": "auto",
        "minVizWidth": 8,
        "minVizHeight": 16,
        "maxVizHeight": 300,
        "legend": {"showLegend": False, "displayMode": "list", "placement": "bottom", "calcs": []},
        "reduceOptions": _last(),
    }
    return options, {}, [], []


def _last() -> Json:
    return {"calcs": ["lastNotNull"], "fields": "", "values": False}


def _heatmap(panel: Panel, limit: float | None, env: Environment) -> Shape:
    options = {
        "calculate": False,
        "color": {
            "mode": "scheme",
            "scheme": "Oranges",
            "steps": 64,
            "fill": "dark-orange",
            "exponent": 0.5,
            "scale": "exponential",
            "reverse": False,
        },
        "cellGap": 1,
        "filterValues": {"le": 1e-9},
        "yAxis": {"unit": panel.unit, "axisPlacement": "left"},
        "rowsFrame": {"layout": "auto"},
        "exemplars": {"color": PLAIN},
        "legend": {"show": True},
        "tooltip": {"mode": "single", "yHistogram": False},
        "showValue": "never",
    }
    return options, {}, [], []


def _table(panel: Panel, limit: float | None, env: Environment) -> Shape:
    """One line per series, with the columns asked for; the name of an alert leads to its page."""
    hidden = {name: True for name in ("Time", "Value", "__name__") if name not in panel.columns}
    order = {name: index for index, name in enumerate(panel.columns)}
    organised = {"id": "organize", "options": {"excludeByName": hidden, "indexByName": order, "renameByName": dict(panel.columns)}}
    linked = env.monitoring.runbooks and "alertname" in panel.columns
    overrides = [_runbook_column(panel.columns["alertname"], str(env.monitoring.runbooks))] if linked else []
    first = next(iter(panel.columns.values()))
    options = {"showHeader": True, "cellHeight": "sm", "frameIndex": 0, "sortBy": [{"displayName": first, "desc": False}]}
    return options, {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}, overrides, [organised]


def _runbook_column(heading: str, runbooks: str) -> Json:
    link = {"title": "Runbook", "url": f"{runbooks}/${{__value.text}}.md", "targetBlank": True}
    return {"matcher": {"id": "byName", "options": heading}, "properties": [{"id": "links", "value": [link]}]}
