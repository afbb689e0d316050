"""A zone's offset from UTC, and whether it keeps the EU's summer time.

Summer time begins and ends at 01:00 UTC on the last Sundays of March and October, in all of the EU at the same moment
(Directive 2000/84/EC, Art. 2 and 3). Zones with other rules are refused: an expression of PromQL, which knows UTC only, would be
wrong twice a year.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

YEARS = 5  # rules are looked at for as long as a deployment may live


@dataclass(frozen=True)
class Offset:
    """Seconds to add to UTC, and to that in summer."""

    standard: int
    summer: int


@cache
def offset(zone: str, year: int) -> Offset:
    """A zone's clock from a year on.

    Raises:
        ValueError: it is put forward or back at other times than the EU's.
    """
    clock = ZoneInfo(zone)
    standard = _of(clock, datetime(year, 1, 1, tzinfo=UTC))
    summer = _of(clock, datetime(year, 7, 1, tzinfo=UTC)) - standard
    for moment, in_summer in _moments(year):
        if _of(clock, moment) != standard + (summer if in_summer else timedelta()):
            raise ValueError(f"{zone} puts its clocks forward or back at other times than the EU")
    return Offset(int(standard.total_seconds()), int(summer.total_seconds()))


def _of(clock: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(clock).utcoffset() or timedelta()


def _moments(year: int) -> Iterator[tuple[datetime, bool]]:
    """Both sides of every switch and a day of each week between, and whether it is summer then."""
    for later in range(year, year + YEARS):
        begins, ends = _switch(later, 3), _switch(later, 10)
        around = [switch + side for switch in (begins, ends) for side in (timedelta(seconds=-1), timedelta())]
        days = [datetime(later, 1, 1, 12, tzinfo=UTC) + timedelta(weeks=week) for week in range(53)]
        yield from ((moment, begins <= moment < ends) for moment in around + days)


def _switch(year: int, month: int) -> datetime:
    """01:00 UTC on a month's last Sunday; both months have 31 days."""
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=last.isoweekday() % 7)
