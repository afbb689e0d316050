"""An environment's business hours as figures for PromQL, which knows UTC only."""

from blueprint.environment import BusinessHours
from blueprint.local_time import offset

WEEK = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def figures(hours: BusinessHours, year: int) -> dict[str, str]:
    """What recordings/business_hours.yaml calls `$utc_offset` and so on."""
    found = offset(hours.timezone, year)
    return {
        "utc_offset": str(found.standard),
        "summer_offset": str(found.summer),
        "opens": str(_minutes(hours.start)),
        "closes": str(_minutes(hours.end)),
        "working_days": str(sum(2 ** WEEK.index(day) for day in set(hours.days))),
        "holidays": " + ".join(_is(day) for day in hours.holidays) or "vector(0)",
    }


def _minutes(time: str) -> int:
    hour, minute = map(int, time.split(":"))
    return 60 * hour + minute


def _is(day: str) -> str:
    of_every_year = len(day) == len("12-25")
    return f"(tz:local_date:yyyymmdd{' % 10000' if of_every_year else ''} == bool {int(day.replace('-', ''))})"
