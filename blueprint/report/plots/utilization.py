"""What a million tokens costs on machines that are busy for a share of the time, beside what an API asks for it."""

from blueprint.cost.breakeven import UTILIZATIONS
from blueprint.cost.comparison import Comparison, Row
from blueprint.report.chart import Chart, Frame, Table
from blueprint.report.plots.volume import effective
from blueprint.report.scales import Scale, logarithmic
from blueprint.report.wording import percent


def cost_by_utilization(comparison: Comparison) -> Chart | None:
    """None where nothing says what full cards would serve."""
    crossing, price, paid = comparison.crossings[0], comparison.api_price, comparison.effective_price
    if crossing.parity_utilization is None:
        return None
    at_full = crossing.parity_utilization * price
    points = [(share, at_full / share) for share in (0.01, 0.02, 0.03, *UTILIZATIONS)]
    frame = Frame(Scale(0, 1), logarithmic([price, paid, *(cost for _, cost in points)]))
    busy = _busy(comparison.rows)
    reach = _reach(comparison)
    frame.line(
        [point for point in points if point[0] < reach] + [(reach, at_full / reach)], "own", f"machines of {crossing.fleet}, with people"
    )
    if reach < 1:
        beyond = [(reach, at_full / reach), *(point for point in points if point[0] > reach)]
        frame.line(beyond, "own", f"the same if demand came evenly: its peaks fill these machines at {percent(reach)}", "dashed")
    frame.line([(0, price), (1, price)], "api", f"APIs at list price: {price:,.2f} EUR")
    frame.line([(0, paid), (1, paid)], "bill", f"APIs {effective(comparison.case)}: {paid:,.2f} EUR", "dashed")
    for name, cost in (("APIs at list price", price), (f"APIs {effective(comparison.case)}", paid)):
        if cost and at_full / cost <= 1:
            out_of_reach = ", which its peaks do not allow" if at_full / cost > reach else ""
            frame.pin((at_full / cost, cost), f"as dear as {name} when {percent(at_full / cost)} busy{out_of_reach}")
    if busy:
        over = ", peaks at APIs," if busy > reach else ""
        frame.pin((busy, at_full / busy), f"with this demand{over} {percent(busy)} busy")
    return Chart(
        id="utilization",
        title="What a million tokens costs on machines that are busy so much",
        description="Euros per million tokens, logarithmic, over the share of the time that cards are busy, beside two prices of APIs.",
        frame=frame,
        table=Table(
            ("busy", "machines (EUR per million tokens)", "times the API's list price"),
            tuple((percent(share), f"{cost:,.2f}", f"{cost / price:,.2f}") for share, cost in points),
        ),
        x_title="share of the time the cards are busy",
        y_title="EUR per million tokens (log.)",
        x_text="{:.0%}".format,
        y_text="{:,g}".format,
        note="" if at_full <= price else f"Always busy, they still cost {at_full:,.2f} EUR per million tokens, more than the list price.",
    )


def _busy(rows: tuple[Row, ...]) -> float | None:
    return next((row.hardware.utilization for row in rows if row.hardware and row.hardware.utilization and not row.why_not), None)


def _reach(comparison: Comparison) -> float:
    """The share at which the machines there are carry all they can of this demand, peaks and headroom included; 1 if unknown."""
    case, fleet = comparison.case, comparison.case.fleets[0]
    full = fleet.gpus * case.assumptions["tokens_per_second_per_gpu"].base * 3600 * case.hours
    return min(1.0, comparison.crossings[0].capacity_tokens_per_month / full) if full and case.uses else 1.0
