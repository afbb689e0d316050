"""Business hours in PromQL agree with Python's time zones, hour by hour: on both days the clocks change, at night, on holidays.

The recordings are written into each other, so that promtool computes any hour of any year without evaluating all before it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from blueprint.environment import BusinessHours, Environment
from blueprint.monitoring.rendering import names, recordings
from tests.modules.monitoring import cases
from tests.modules.monitoring.promtool import failures, promtool, write

pytestmark = pytest.mark.skipif(promtool() is None, reason="promtool is not installed: apt install prometheus, or `make e2e-tools`")

SWITCHES = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31), date(2028, 3, 26), date(2030, 10, 27)]
HOURS = [
    BusinessHours(timezone="Europe/Amsterdam", holidays=["12-25", "2027-03-29"]),
    BusinessHours(timezone="Europe/Lisbon", start="00:30", end="02:30", days=["Sunday"]),
    BusinessHours(timezone="Europe/Dublin", start="01:00", end="23:00", days=["Saturday", "Sunday", "Monday"]),
    BusinessHours(timezone="Europe/Athens", start="03:00", end="04:00", days=["Sunday", "Monday"]),
    BusinessHours(timezone="Atlantic/Azores", start="00:00", end="01:00", days=["Sunday"]),
    BusinessHours(timezone="Indian/Reunion", start="07:15", end="16:45"),
]


def moments() -> Iterator[datetime]:
    """Every hour from the day before a switch to the day after, the seconds around a switch, and days that matter to offices."""
    for day in SWITCHES:
        midnight = datetime.combine(day, datetime.min.time(), UTC)
        yield from (midnight + timedelta(hours=hour) for hour in range(-24, 48))
        yield from (midnight + timedelta(hours=1, seconds=seconds) for seconds in (-1, 1))
    for day in (date(2026, 12, 25), date(2027, 3, 29), date(2028, 2, 29), date(2026, 7, 1), date(2026, 1, 1)):
        midnight = datetime.combine(day, datetime.min.time(), UTC)
        yield from (midnight + timedelta(minutes=minutes) for minutes in range(-180, 1440, 45))


def is_at_work(hours: BusinessHours, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(hours.timezone))
    holiday = f"{local:%Y-%m-%d}" in hours.holidays or f"{local:%m-%d}" in hours.holidays
    return f"{local:%A}" in hours.days and hours.start <= f"{local:%H:%M}" < hours.end and not holiday


def written_out(name: str, env: Environment) -> str:
    """A recording with those it reads in their places."""
    known = {rule["record"]: rule["expr"] for rule in recordings(cases.readable().recordings["business_hours"], env)}
    text = known[name]
    while found := [one for one in names(text) if one in known]:
        for one in found:
            text = text.replace(one, f"({known[one]})")
    return str(text)


def environment(hours: BusinessHours) -> Environment:
    monitoring = cases.environment().monitoring.model_copy(update={"business_hours": hours})
    return cases.environment().model_copy(update={"monitoring": monitoring})


@pytest.mark.parametrize("hours", HOURS, ids=lambda hours: hours.timezone)
def test_promql_and_python_agree(hours: BusinessHours, tmp_path: Path) -> None:
    expr = written_out("tz:business_hours:bool", environment(hours))
    answers = {int(moment.timestamp()): int(is_at_work(hours, moment)) for moment in moments()}
    assert set(answers.values()) == {0, 1}, "nothing is tested where all answers are the same"
    checks = [
        {"expr": expr, "eval_time": f"{second}s", "exp_samples": [{"labels": "{}", "value": value}]} for second, value in answers.items()
    ]
    write(tmp_path / "t.yaml", {"evaluation_interval": "1000d", "tests": [{"interval": "1000d", "promql_expr_test": checks}]})
    assert failures(tmp_path, ["t.yaml"]) == ""


def test_evaluated_one_after_the_other_they_say_the_same(tmp_path: Path) -> None:
    """As Prometheus does it: the first days of 1970, a Thursday; the office in Amsterdam opens at 07:00 UTC."""
    rules = recordings(cases.readable().recordings["business_hours"], cases.environment())
    write(tmp_path / "rules.yaml", {"groups": [{"name": "hours", "rules": rules}]})
    expected = {"6h59m": 0, "7h": 1, "16h59m": 1, "17h": 0, "31h": 1, "55h": 0, "79h": 0, "103h": 1}
    checks = [
        {"expr": "tz:business_hours:bool", "eval_time": time, "exp_samples": [{"labels": "tz:business_hours:bool", "value": value}]}
        for time, value in expected.items()
    ]
    tests = [{"interval": "1m", "promql_expr_test": checks}]
    write(tmp_path / "t.yaml", {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests})
    assert failures(tmp_path, ["t.yaml"]) == ""
