"""A dashboard with its answers as one HTML page without anything from outside: near enough to Grafana to judge what a panel says.

Not Grafana: positions, titles, units, limits and legends are the dashboard's, lines and bars are drawn here.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from tests.e2e.dashboards import charts
from tests.e2e.dashboards.answers import Line
from tests.e2e.dashboards.values import COLUMN, LINE, Panel, color, shown

STYLE = """body{margin:0;background:#111217;color:#ccccdc;font:12px sans-serif}h1{font-size:18px;margin:12px}.all{position:relative}
.p{position:absolute;box-sizing:border-box;padding:3px}.b{background:#181b1f;border:1px solid #2a2d33;height:100%;box-sizing:border-box;
padding:6px;overflow:hidden;border-radius:3px}.t{font-weight:600;margin-bottom:4px;white-space:nowrap;overflow:hidden}.row{font-size:15px;
font-weight:600;padding:8px}.big{font-size:30px;text-align:center;padding-top:14px}.none{color:#7b8087;text-align:center;padding-top:24px;
font-size:15px}.l{font-size:11px;display:flex;flex-wrap:wrap;gap:0 12px;max-height:48px;overflow:hidden}table{border-collapse:collapse;
width:100%}td,th{border-bottom:1px solid #2a2d33;text-align:left;padding:2px 6px;white-space:nowrap;font-size:11px}"""


def page(dashboard: Mapping[str, Any], answers: Mapping[int, Sequence[Line]]) -> str:
    """The whole dashboard; `answers` by the panel's id."""
    panels = dashboard["panels"]
    height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels) * LINE
    body = "".join(_placed(panel, answers.get(panel["id"], ())) for panel in panels)
    title = escape(f"{dashboard['title']}: {dashboard['description']}")
    head = f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{STYLE}</style><h1>{title}</h1>"
    return f'{head}<div class=all style="width:{24 * COLUMN}px;height:{height}px">{body}</div>'


def size(dashboard: Mapping[str, Any]) -> tuple[int, int]:
    """Pixels a window needs to show it all."""
    return 24 * COLUMN, max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"]) * LINE + 60


def _placed(panel: Panel, lines: Sequence[Line]) -> str:
    place = panel["gridPos"]
    box = f"left:{place['x'] * COLUMN}px;top:{place['y'] * LINE}px;width:{place['w'] * COLUMN}px;height:{place['h'] * LINE}px"
    if panel["type"] == "row":
        return f'<div class="p row" style="{box}">▾ {escape(panel["title"])}</div>'
    known = [line for line in lines if any(math.isfinite(value) for _, value in line.points)]
    field = panel["fieldConfig"]["defaults"]
    drawn = DRAWN[panel["type"]](panel, known) if known else f"<div class=none>{escape(field['noValue'])}</div>"
    link = " ↗" if panel["links"] else ""
    return f'<div class=p style="{box}"><div class=b><div class=t>{escape(panel["title"])}{link}</div>{drawn}</div></div>'


def _stat(panel: Panel, lines: Sequence[Line]) -> str:
    few = lines[:4]
    names = len(few) > 1 or "=" not in few[0].legend
    one = [
        f'<div style="color:{color(panel, line.last)}">{shown(panel, line.last)}</div>' + (_named(line) if names else "") for line in few
    ]
    return f'<div class=big style="display:flex;justify-content:space-around">{"".join(f"<div>{text}</div>" for text in one)}</div>'


def _named(line: Line) -> str:
    return f"<div style='font-size:12px'>{escape(line.legend)}</div>" if line.legend != "value" else ""


def _bars(panel: Panel, lines: Sequence[Line]) -> str:
    most = panel["fieldConfig"]["defaults"].get("max") or max(abs(line.last) for line in lines) or 1
    rows = (
        f"<tr><td>{escape(line.legend)}<td style='width:60%'><div style='background:{color(panel, line.last)};height:10px;"
        f"width:{max(0, min(100, 100 * line.last / most)):.0f}%'></div><td>{shown(panel, line.last)}"
        for line in lines
    )
    return f"<table>{''.join(rows)}</table>"


def _table(panel: Panel, lines: Sequence[Line]) -> str:
    columns = panel["transformations"][0]["options"]["renameByName"]
    head = "".join(f"<th>{escape(name)}" for name in columns.values())
    cells = [{**line.labels, "Value": shown(panel, line.last)} for line in lines]
    rows = ("<tr>" + "".join(f"<td>{escape(cell.get(name, ''))}" for name in columns) for cell in cells)
    return f"<table><tr>{head}{''.join(rows)}</table>"


DRAWN: Mapping[str, Callable[[Panel, Sequence[Line]], str]] = {
    "stat": _stat,
    "bargauge": _bars,
    "table": _table,
    "timeseries": charts.lines,
    "heatmap": charts.heat,
}
