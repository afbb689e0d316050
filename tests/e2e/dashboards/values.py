"""Numbers with the unit and the colour their panel gives them."""

import math
from collections.abc import Callable, Mapping
from typing import Any

COLUMN, LINE = 60, 32  # pixels of Grafana's grid
Panel = Mapping[str, Any]

UNITS: Mapping[str, Callable[[float], str]] = {
    "s": lambda value: f"{value * 1000:.0f} ms" if abs(value) < 1 else f"{value:.2f} s",
    "percentunit": lambda value: f"{value * 100:.1f} %",
    "percent": lambda value: f"{value:.0f} %",
    "celsius": lambda value: f"{value:.0f} °C",
    "reqps": lambda value: f"{value:.2f} req/s",
    "currencyEUR": lambda value: f"€{value:,.2f}",
    "watt": lambda value: f"{value:.0f} W",
    "MBs": lambda value: f"{value / 1000:.0f} GB/s",
}
MARKS = {"currencyEUR": "€", "percentunit": "%"}


def shown(panel: Panel, value: float) -> str:
    """A value with its unit."""
    field = panel["fieldConfig"]["defaults"]
    unit = field["unit"]
    if not math.isfinite(value):
        return str(field["noValue"])
    if "decimals" in field:
        scaled = value * 100 if unit == "percentunit" else value
        return f"{scaled:,.{field['decimals']}f} {MARKS.get(unit, '')}"
    if unit.startswith("suffix:"):
        return f"{value:,.4g} {unit.removeprefix('suffix:').strip()}"
    return UNITS[unit](value) if unit in UNITS else f"{value:,.4g}"


def color(panel: Panel, value: float) -> str:
    """As the panel's thresholds say."""
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    name = [step["color"] for step in steps if step["value"] is None or value >= step["value"]][-1]
    return {"red": "#f2495c", "green": "#73bf69"}.get(name, "#ccccdc")
