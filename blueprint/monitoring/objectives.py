"""From an objective to its recordings: error rates over the windows of burn-rate alerts, and the budget that is left.

Windows and factors are those of the Google SRE workbook ("Alerting on SLOs", for 30 days): 2 % of a month's budget in an hour and
5 % in six page, 10 % in a day or in three make a ticket. Long windows average the recorded rates, so a day costs no more than an
hour, and quiet hours weigh as little as they should.
"""

from blueprint.environment import Environment
from blueprint.monitoring.models import Objective
from blueprint.monitoring.settings import figures, fill, shown, value

PERIOD = "30d"
SHORT = ("30m", "1h", "2h", "6h")
LONG = ("1d", "3d")
FASTEST = 14.4  # the alerts' own figures are held against it by a test


def lowest() -> float:
    """The objective in percent above which even the fastest burn can happen: all events bad is 1 / (1 - objective) times the budget."""
    return 100 * (1 - 1 / FASTEST)


def records(objective: Objective, env: Environment) -> dict[str, list[tuple[str, str]]]:
    """Name and expression of every recording, by the group it is evaluated in."""
    known = figures(objective.parameters, env) | {"cluster": env.name}
    errors, events = (fill(text, known, objective.name) for text in (objective.errors, objective.events))
    budget = shown(round(1 - float(value(objective.objective, env)) / 100, 6))
    own = f'{{slo="{objective.name}"}}'
    fast = [
        ("slo:error_budget:ratio", f"vector({budget})"),
        ("slo:event_floor:rate", f"vector({shown(value(objective.floor, env))})"),
        ("slo:errors:rate5m", errors),
        ("slo:events:rate5m", events),
        ("slo:errors:ratio_rate5m", f"slo:errors:rate5m{own} / (slo:events:rate5m{own} > 0)"),
        *((f"slo:errors:ratio_rate{window}", _ratio(own, window)) for window in SHORT),
        ("slo:events:rate1h", f"avg_over_time(slo:events:rate5m{own}[1h])"),
    ]
    left = f"1 - {_ratio(own, PERIOD)} / {budget}"
    slow = [(f"slo:errors:ratio_rate{window}", _ratio(own, window)) for window in LONG] + [(f"slo:error_budget_left:ratio{PERIOD}", left)]
    return {"1m": fast, "5m": slow}


def _ratio(own: str, window: str) -> str:
    return f"sum_over_time(slo:errors:rate5m{own}[{window}]) / (sum_over_time(slo:events:rate5m{own}[{window}]) > 0)"
