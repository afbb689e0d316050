"""Cost over volume: the API's line, the machines' staircase, and where they cross."""

import math

from blueprint.cost.case import Case
from blueprint.cost.comparison import Comparison, Crossing
from blueprint.cost.curves import Volume, cost_over_volume
from blueprint.cost.machines import Fleet
from blueprint.report.chart import Chart, Frame, Table
from blueprint.report.scales import Scale, logarithmic
from blueprint.report.wording import euros, short, tokens

SAMPLES = 240
ROWS = 12


def cost_by_volume(comparison: Comparison) -> Chart:
    """What a month costs from a trickle to many machines, at the demand's own mix and peaks."""
    case, fleet, crossing = comparison.case, comparison.case.fleets[0], comparison.crossings[0]
    x = _range(case, crossing)
    months = _months(case, fleet, x)
    times = comparison.effective_price / comparison.api_price if comparison.api_price else 1
    frame = Frame(x, logarithmic([cost for month in months for cost in (month.api, month.api * times, month.machines_cost)]))
    frame.line([(month.tokens, month.api) for month in months], "api", "APIs at list price")
    frame.line([(month.tokens, month.api * times) for month in months], "bill", f"APIs {effective(case)}", "dashed")
    frame.stairs([(month.tokens, month.machines_cost) for month in months], "own", f"machines of {fleet.name}, with people")
    if any(month.with_overflow < month.machines_cost * 0.999 for month in months):
        frame.line([(month.tokens, month.with_overflow) for month in months], "own", "as many machines as pay, peaks at APIs", "dashed")
    _name_places(frame, comparison, crossing, months[0].machines_cost)
    return Chart(
        id="volume",
        title="What a month costs at which volume",
        description=f"Euros a month over tokens a month, both logarithmic: two lines for APIs, stairs for machines of {fleet.name}.",
        frame=frame,
        table=_table(months, times),
        x_title="tokens a month (M million, B billion; logarithmic)",
        y_title="EUR a month (logarithmic)",
        x_text=tokens,
        y_text=short,
        note="" if crossing.at_list.tokens_per_month else f"Break-even at list price: {crossing.at_list.why}.",
    )


def effective(case: Case) -> str:
    """What the effective price is, where list price is not all."""
    return "at the price of the bill" if case.bill else "with all that comes on top of tokens"


def _range(case: Case, crossing: Crossing) -> Scale:
    found = [crossing.at_list.tokens_per_month, crossing.at_effective.tokens_per_month, 3 * crossing.capacity_tokens_per_month]
    return logarithmic([value for value in (*found, case.tokens.total / 3 if case.uses else None) if value] or [1e6, 1e9])


def _months(case: Case, fleet: Fleet, x: Scale) -> list[Volume]:
    ratio = x.high / x.low
    return cost_over_volume(case, fleet, [x.low * ratio ** (step / SAMPLES) for step in range(SAMPLES + 1)])


def _name_places(frame: Frame, comparison: Comparison, crossing: Crossing, at_rest: float) -> None:
    if comparison.case.uses:
        today = comparison.case.tokens.total
        frame.rule((today, frame.y.low), (today, frame.y.high))
        frame.pin((today, frame.y.high), f"the demand: {tokens(today)} tokens")
    for found, price in ((crossing.at_effective, comparison.effective_price), (crossing.at_list, comparison.api_price)):
        if found.tokens_per_month:
            where = (found.tokens_per_month, found.tokens_per_month / 1e6 * price)
            frame.pin(where, f"break-even at {price:,.2f} EUR per million tokens: {tokens(found.tokens_per_month)} tokens")
    if crossing.capacity_tokens_per_month:
        full = crossing.capacity_tokens_per_month
        frame.pin((full, at_rest), f"the machines there are serve {tokens(full)}; beyond it every step is one more")


def _table(months: list[Volume], times: float) -> Table:
    chosen = [months[math.floor(row * (len(months) - 1) / ROWS)] for row in range(ROWS + 1)]
    rows = [
        (
            tokens(one.tokens),
            euros(one.api),
            euros(one.api * times),
            euros(one.machines_cost),
            f"{one.machines:.3g}",
            euros(one.with_overflow),
        )
        for one in chosen
    ]
    return Table(
        (
            "tokens a month",
            "APIs, list price (EUR)",
            "APIs, effective (EUR)",
            "machines (EUR)",
            "GPU machines",
            "fewer, peaks at APIs (EUR)",
        ),
        tuple(rows),
    )
