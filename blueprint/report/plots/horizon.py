"""What has been spent after each month of the horizon, with how sure that is."""

from blueprint.cost.case import Case
from blueprint.cost.curves import total_over_months
from blueprint.cost.uncertainty import Distribution, bases
from blueprint.cost.ways import API, Way, ways_of
from blueprint.report.chart import Chart, Frame, Table, Tone
from blueprint.report.scales import Scale, linear
from blueprint.report.wording import euros, short

DRAWS, DECLARED = 100, "as declared"
SHARES = ("p10", "p50", "p90")


def total_by_month(case: Case, seed: int) -> Chart:
    """A band from P10 to P90 with its middle for APIs and for machines, and the bill as it is beside them."""
    spent = {way: total_over_months(case, way, DRAWS, seed) for way in _ways(case)}
    bills = [(month, (case.bill or 0) * month) for month in range(case.months + 1)]
    highest = [one.p90 for months in spent.values() for one in months.values()]
    frame = Frame(Scale(0, case.months, step=_months_apart(case.months)), linear([*highest, bills[-1][1]]))
    for way, months in spent.items():
        tone: Tone = "own" if way.fleet else "api"
        known = [(0, Distribution(0, 0, 0)), *months.items()]
        low, middle, high = ([(month, getattr(one, share)) for month, one in known] for share in SHARES)
        frame.band(low, high, tone, f"{_name(way)}: 8 of 10 draws")
        frame.line(middle, tone, f"{_name(way)}: as likely above as below")
    if case.bill:
        frame.line(bills, "bill", f"the bill, if it stays {euros(case.bill)} EUR a month", "dashed")
    return Chart(
        id="horizon",
        title=f"What has been spent after each of {case.months} months",
        description="Euros spent so far, over months: for each way of serving a band from P10 to P90, and its median.",
        frame=frame,
        table=_table(case, spent),
        x_title="months from the start",
        y_title="EUR in all",
        y_text=short,
    )


def _months_apart(months: int) -> int:
    return next(step for step in (1, 3, 6, 12, 24) if months <= 7 * step or step == 24)


def _ways(case: Case) -> list[Way]:
    """APIs, and what is declared, with peaks at APIs where that costs less, or else costs least with machines."""
    ways = ways_of(case, bases(case.inputs))
    hosted = [way for way in ways if way.fleet]
    declared = [way for way in hosted if way.name.startswith(DECLARED) and not way.why_not]
    return [*(way for way in ways if way.name == API), [*hosted[:1], *declared][-1]]


def _name(way: Way) -> str:
    if way.fleet is None:
        return "APIs"
    return way.name if way.name.startswith(DECLARED) else f"machines of {way.fleet.name}"


def _table(case: Case, spent: dict[Way, dict[int, Distribution]]) -> Table:
    shown = sorted({1, *range(3, case.months + 1, 3), case.months})
    head = [f"{_name(way)}, {share.upper()} (EUR)" for way in spent for share in SHARES]
    rows = [(f"{month}", *(euros(getattr(months[month], share)) for months in spent.values() for share in SHARES)) for month in shown]
    return Table(("after months", *head), tuple(rows))
