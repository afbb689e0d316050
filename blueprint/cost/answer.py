"""The answer in sentences: what costs least, from what volume machines pay, and what a bill or a rule of thumb says beside it."""

from blueprint.cost.breakeven import BreakEven
from blueprint.cost.comparison import Comparison
from blueprint.cost.heuristics import primer_volume, spend_rule
from blueprint.cost.ways import API
from blueprint.cost.wording import euros, tokens


def answer(comparison: Comparison) -> list[str]:
    """What a finance lead asks first, in a few sentences."""
    case, allowed = comparison.case, [row for row in comparison.rows if not row.why_not]
    if not case.uses:
        (row,) = comparison.rows[:1]
        return [
            f"{case.name} costs {_eur(row.per_month)} a month before the first token.",
            *_gaps(comparison),
            *_pays(comparison),
            *_rate(comparison),
        ]
    if not allowed:
        return [f"{case.name}: no way of serving is allowed for all use cases; {comparison.rows[0].why_not}"]
    first = allowed[0]
    costs = f"{_eur(first.total)} over {case.months} months, {_eur(first.per_month)} a month to begin with"
    machines = f"{first.hardware.machines:.3g} machines, " if first.hardware else ""
    sentences = [f"{case.name}: {first.name} costs least ({costs}; {machines}{first.label})."]
    other = next((row for row in allowed if bool(row.hardware) != bool(first.hardware)), None)
    if other is not None:
        sentences.append(f"The nearest way {'without' if first.hardware else 'with'} machines is {other.name}: {_eur(other.total)}.")
    return sentences + _volume(comparison) + _pays(comparison) + _against_the_bill(comparison) + _gaps(comparison) + _rate(comparison)


def _volume(comparison: Comparison) -> list[str]:
    case, price = comparison.case, comparison.api_price
    paid = (
        f"the bill of {_eur(case.bill)} says {comparison.effective_price:,.2f}"
        if case.bill
        else f"at most {comparison.effective_price:,.2f}"
    )
    volume = f"{tokens(case.tokens.input)} input and {tokens(case.tokens.output)} output tokens a month"
    lines = [f"Demand is {volume}; a million of them is {price:,.2f} EUR at list price, {paid}."]
    if case.bill and price and comparison.effective_price > 3 * price:
        times = comparison.effective_price / price
        lines.append(
            f"The bill is {times:,.1f} times the list price of this volume: reasoning tokens, provisioned units or other services? Ask."
        )
    return lines


def _against_the_bill(comparison: Comparison) -> list[str]:
    """The comparison a finance lead would make with the invoice in hand."""
    bill = comparison.case.bill
    if not bill:
        return []
    hosted = [row for row in comparison.rows if row.hardware and not row.why_not]
    cheaper = [f"{row.name} ({_eur(row.per_month)})" for row in hosted if row.per_month < bill]
    return [f"Against the bill of {_eur(bill)} a month these cost less: {', '.join(cheaper) or 'none of the ways with machines'}."]


def _pays(comparison: Comparison) -> list[str]:
    crossings = [crossing for crossing in comparison.crossings if crossing.at_list.tokens_per_month is not None]
    if not crossings:
        return [f"Break-even at list price, {crossing.fleet}: {crossing.at_list.why}." for crossing in comparison.crossings[:1]]
    least = min(crossings, key=lambda crossing: crossing.at_list.tokens_per_month or 0)
    return [f"Machines begin to pay at {break_even_said(least.at_list)} ({least.fleet}, at list price)."]


def break_even_said(found: BreakEven) -> str:
    """A crossing in words."""
    if found.tokens_per_month is None:
        return found.why
    return f"{tokens(found.tokens_per_month)} tokens a month on {found.machines:.3g} machine{'' if found.machines == 1 else 's'}"


def rules_of_thumb(comparison: Comparison) -> list[str]:
    """What published rules say of the same demand: they look at one figure each."""
    case, api = comparison.case, next((row for row in comparison.rows if row.name == API), None)
    if api is None:
        return []
    spends = {"at list price": api.per_month, "by the bill": case.bill}
    said = [f"{spend_rule(spend)} at {_eur(spend)} {which}" for which, spend in spends.items() if spend]
    volume = f"{primer_volume(case.tokens.total)} at {tokens(case.tokens.total)} tokens"
    return [f"break-even article, by API spend a month: {', '.join(said)}", f"hosting primer, by volume a month: {volume}"]


def _gaps(comparison: Comparison) -> list[str]:
    return [f"Not in it, because no price is known: {', '.join(comparison.case.gaps)}."] if comparison.case.gaps else []


def _rate(comparison: Comparison) -> list[str]:
    rate = comparison.case.assumptions["usd_per_eur"]
    if rate.status == "current" or rate.name not in comparison.used:
        return []
    return [f"Dollars are taken at {rate.base:g} per euro of {rate.as_of}, which is {rate.status}: give `usd_per_eur` in `assumptions:`."]


def _eur(amount: float | None) -> str:
    return euros(amount) if amount is None else f"{euros(amount)} EUR"
