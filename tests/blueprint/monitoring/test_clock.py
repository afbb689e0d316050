"""Local time as PromQL is told it."""

import pytest

from blueprint import local_time
from blueprint.environment import BusinessHours
from blueprint.monitoring import clock

# Every zone of the EU (tz database, zone.tab), the outermost regions included.
EU = [
    "Europe/Vienna", "Europe/Brussels", "Europe/Sofia", "Europe/Zagreb", "Asia/Nicosia", "Asia/Famagusta", "Europe/Prague",
    "Europe/Berlin", "Europe/Busingen", "Europe/Copenhagen", "Europe/Tallinn", "Europe/Madrid", "Africa/Ceuta",
    "Atlantic/Canary", "Europe/Helsinki", "Europe/Mariehamn", "Europe/Paris", "America/Guadeloupe", "America/Martinique",
    "America/Cayenne", "America/Marigot", "Indian/Reunion", "Indian/Mayotte", "Europe/Athens", "Europe/Budapest",
    "Europe/Dublin", "Europe/Rome", "Europe/Vilnius", "Europe/Luxembourg", "Europe/Riga", "Europe/Malta", "Europe/Amsterdam",
    "Europe/Warsaw", "Europe/Lisbon", "Atlantic/Madeira", "Atlantic/Azores", "Europe/Bucharest", "Europe/Stockholm",
    "Europe/Ljubljana", "Europe/Bratislava",
]  # fmt: skip


@pytest.mark.parametrize("zone", EU)
def test_every_time_zone_of_the_eu_can_be_told(zone: str) -> None:
    found = local_time.offset(zone, 2026)
    assert found.summer in (0, 3600)
    assert found.standard % 900 == 0


@pytest.mark.parametrize(
    ("zone", "standard", "summer"),
    [
        ("Europe/Amsterdam", 3600, 3600),
        ("Europe/Lisbon", 0, 3600),
        ("Europe/Dublin", 0, 3600),  # whose law has it the other way round: winter is the exception
        ("Europe/Helsinki", 7200, 3600),
        ("Atlantic/Azores", -3600, 3600),
        ("Indian/Reunion", 14400, 0),
        ("UTC", 0, 0),
    ],
)
def test_winter_and_summer_are_known(zone: str, standard: int, summer: int) -> None:
    assert local_time.offset(zone, 2026) == local_time.Offset(standard, summer)


@pytest.mark.parametrize("zone", ["America/New_York", "Africa/Casablanca", "Africa/Cairo", "Australia/Sydney", "Asia/Jerusalem"])
def test_zones_that_change_their_clocks_on_other_days_are_refused(zone: str) -> None:
    with pytest.raises(ValueError, match=f"{zone} puts its clocks forward or back at other times than the EU"):
        local_time.offset(zone, 2026)


def test_business_hours_become_figures() -> None:
    hours = BusinessHours(timezone="Europe/Athens", start="09:30", end="17:00", days=["Sunday", "Monday", "Saturday"])
    assert clock.figures(hours, 2026) == {
        "utc_offset": "7200",
        "summer_offset": "3600",
        "opens": "570",
        "closes": "1020",
        "working_days": str(1 + 2 + 64),
        "holidays": "vector(0)",
    }


def test_holidays_are_of_one_year_or_of_all() -> None:
    found = clock.figures(BusinessHours(holidays=["2027-03-29", "12-25"]), 2026)["holidays"]
    assert found == "(tz:local_date:yyyymmdd == bool 20270329) + (tz:local_date:yyyymmdd % 10000 == bool 1225)"
