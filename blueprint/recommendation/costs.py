"""What the recommendation costs, beside everything at APIs and everything on machines."""

from blueprint.cost.answer import break_even_said
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Costs
from blueprint.recommendation.weighing import ON_MACHINES, RECOMMENDED, ways


def costs(picture: Picture) -> Costs | None:
    """Euros of the recommendation; None without volumes."""
    if picture.demand is None or not picture.uses:
        return None
    money, names = picture.money(picture.decision.family), list(picture.subjects)
    found = {way.name: way for way in ways(picture)} if picture.priced else {}
    chosen, own = found.get(RECOMMENDED), found.get(ON_MACHINES)
    return Costs(
        recommended=chosen.eur_per_month if chosen else None,
        all_api=money.month([], names),
        all_own=own.eur_per_month if own else None,
        bill=money.case.bill,
        horizon_months=money.case.months,
        recommended_total=chosen.eur_total if chosen else None,
        all_api_total=money.total([], names),
        all_own_total=own.eur_total if own else None,
        break_even=break_even_said(picture.comparison.crossings[0].at_list) if picture.priced else "unknown: its machines have no price",
        gaps=money.case.gaps,
        ways=tuple(found.values()),
        redundancy=money.redundancy_month([name for name, kind in picture.decision.kinds.items() if kind == picture.decision.family]),
    )
