"""A comparison for people: the answer, then the lines behind it, then what was assumed, with source and date."""

from collections.abc import Iterator

from blueprint.catalog.prices import Assumption, load_prices
from blueprint.cost.answer import answer, break_even_said, rules_of_thumb
from blueprint.cost.comparison import Comparison, Crossing, Row
from blueprint.cost.uncertainty import Spread
from blueprint.cost.wording import tokens

NAME = 16  # columns of a way's name
Paragraph = tuple[str, list[str]]
TORNADO = 6
EFFECTIVE = "effective: with all that comes on top of tokens: the bill where it is known, else at most {:.2f} times the list price"


def paragraphs(comparison: Comparison) -> list[Paragraph]:
    """Titled paragraphs, the answer first."""
    best = next((row for row in comparison.rows if row.hardware and not row.why_not), None)
    found = [
        ("", answer(comparison)),
        ("Ways of serving (EUR)", _table(comparison)),
        ("Break-even", [_crossing(crossing) for crossing in comparison.crossings]),
        (f"A month of {best.name} (EUR)" if best else "", _lines(best) if best else []),
        ("Energy and emissions of the machines, per month", [line for row in comparison.rows if (line := energy(row))]),
        (_tornado_title(comparison), _tornado(comparison)),
        ("Licences per person", seats(comparison)),
        ("Rules of thumb beside it", rules_of_thumb(comparison)),
        ("Assumed (low, base, high)", _assumptions(comparison)),
        ("Prices of these machines that are no longer true or in doubt", history(comparison)),
    ]
    return [(title, lines) for title, lines in found if lines]


def _table(comparison: Comparison) -> list[str]:
    months = f"{comparison.case.months} months"
    head = f"{'':<{NAME}}{'a month':>9}{'effective':>10}{months:>11}{'P10':>10}{'P50':>10}{'P90':>10}"
    rows = [line for row in comparison.rows for line in _row(row)]
    factor = comparison.case.assumptions["api_factor"].high
    return [head, *rows, *([EFFECTIVE.format(factor)] if comparison.case.uses else [])]


def _row(row: Row) -> Iterator[str]:
    """The figures of a way within eighty columns, a long name and what there is to say on lines of their own."""
    name = row.name if len(row.name) < NAME else ""
    if not name:
        yield row.name
    yield (
        f"{name:<{NAME}}{row.per_month:>9,.0f}{_or_dash(row.effective_per_month):>10}{row.total:>11,.0f}"
        f"{row.spread.p10:>10,.0f}{row.spread.p50:>10,.0f}{row.spread.p90:>10,.0f}"
    )
    if said := _chance(row):
        yield f"    {said}"


def _chance(row: Row) -> str:
    said = "" if row.cheaper is None else f"cheaper than the API in {row.cheaper:.0%} of draws"
    if row.cheaper_than_bill is not None:
        said += f", than the bill in {row.cheaper_than_bill:.0%}"
    notes = [said, f"not allowed: {row.why_not}" if row.why_not else "", row.label if " self-hosted" in row.label else ""]
    return "; ".join(note for note in notes if note)


def _crossing(crossing: Crossing) -> str:
    share = crossing.parity_utilization
    parity = f"parity at {share:.0%} utilization" if share and share <= 1 else "no parity even when full"
    listed, paid = break_even_said(crossing.at_list), break_even_said(crossing.at_effective)
    capacity = f"its machines serve {tokens(crossing.capacity_tokens_per_month)} at this peak"
    return f"{crossing.fleet}: {listed} at list price, {paid} at the effective one; {capacity}, {parity}"


def _lines(row: Row) -> list[str]:
    lines = [f"{name:<26}{amount:>12,.2f}" for name, amount in row.lines.items()]
    idle = row.hardware.utilization if row.hardware else None
    share = [f"its cards are {idle:.1%} busy: the rest of the machines' price is for idle hours"] if idle is not None else []
    spares = row.lines.get("redundancy", 0.0)
    plain = [f"{'without redundancy':<26}{row.per_month - spares:>12,.2f}"] if spares else []
    return [*lines, f"{'in all':<26}{row.per_month:>12,.2f}", *plain, *share]


def energy(row: Row) -> str:
    """What a way's machines draw in a month, and what that emits; nothing for APIs."""
    if row.hardware is None:
        return ""
    if row.hardware.kwh is None:
        return f"{row.name}: what its cards draw is in no source read (catalog/prices/energy.yaml)"
    emitted, country = row.hardware.kg_co2e, row.hardware.country
    if emitted is None or country is None:
        return f"{row.name}: {row.hardware.kwh:,.0f} kWh; no factor is known for the grid of {country or 'an unnamed country'}"
    grid = load_prices().energy.grid[country]
    return f"{row.name}: {row.hardware.kwh:,.0f} kWh, {emitted[0]:,.0f} to {emitted[1]:,.0f} kg CO2e in {country}  [{grid.source}]"


def _tornado_title(comparison: Comparison) -> str:
    subject = "the difference to the API" if comparison.case.uses else "the total"
    return f"What moves {subject} most over {comparison.case.months} months (EUR, all else at base)"


def _tornado(comparison: Comparison) -> list[str]:
    return [f"{swing.name:<48}{swing.at_low:>13,.0f} to{swing.at_high:>13,.0f}" for swing in comparison.swings[:TORNADO]]


def seats(comparison: Comparison) -> list[str]:
    """What licences per person cost the people of a demand, and what they are for."""
    people, per_euro = comparison.case.people, comparison.case.assumptions["usd_per_eur"].base
    return [
        f"{seat.label}: {people:,} × {seat.amount:g} {seat.currency} × 12 = {people * seat.amount * 12:,.0f} {seat.currency} a year "
        f"({people * seat.amount * 12 / per_euro:,.0f} EUR), {seat.status}. Serves {seat.serves}."
        for seat in load_prices().seats.values()
        if people
    ]


def _assumptions(comparison: Comparison) -> list[str]:
    case = comparison.case
    figures = [
        f"{name} = {_range(figure)} {figure.unit}{_status(figure.status)}  [{figure.source}; {figure.as_of}]"
        for name, figure in case.assumptions.items()
        if name in comparison.used
    ]
    rates = {price.name: price for price in (case.rate, *case.others, *(use.rate for use in case.uses))}
    listed = [
        f"{price.name} = {price.input:g} in, {price.output:g} out {price.currency} per million{_status(price.status)}  "
        f"[{price.source}; {price.as_of}]"
        for price in rates.values()
    ]
    machines = [
        f"{fleet.key(pool) + ' = ' + _range(pool.price) + ' ' + pool.currency if pool.price else fleet.label}  [{'; '.join(pool.sources)}]"
        for fleet in case.fleets
        for pool in fleet.pools
        if pool.sources
    ]
    return [f"{case.hours:g} hours a month", *listed, *machines, *figures]


def history(comparison: Comparison) -> list[str]:
    """Prices of the machines at hand that are stale, superseded or contradicted."""
    names = {pool.machine for fleet in comparison.case.fleets for pool in fleet.pools}
    known = [price for price in load_prices().machines if price.item in names and price.status != "current"]
    return [
        f"{price.item}: {price.low:g}{f' to {price.high:g}' if price.high > price.low else ''} {price.currency} an hour, {price.status}"
        f"  [{price.source}; {price.as_of}]"
        for price in known
    ]


def _range(figure: Assumption | Spread) -> str:
    return f"{figure.base:g}" if figure.low == figure.high else f"{figure.low:g}, {figure.base:g}, {figure.high:g}"


def _status(status: str) -> str:
    return "" if status == "current" else f" ({status})"


def _or_dash(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.0f}"
