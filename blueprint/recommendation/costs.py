"""What the recommendation costs, beside everything at APIs and everything on machines."""

from blueprint.cost.answer import break_even_said
from blueprint.recommendation.overflow import overflow
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Costs


def costs(picture: Picture) -> Costs | None:
    """Euros of the recommendation; None without volumes."""
    if picture.demand is None or not picture.uses:
        return None
    money, case = picture.money(picture.decision.family), picture.money(picture.decision.family).case
    names = list(picture.subjects)
    kinds = {name: picture.decision.kinds[name] for name in names}
    own = [name for name, kind in kinds.items() if kind == picture.decision.family]
    rest = [name for name, kind in kinds.items() if kind == "api"]
    apart = [name for name, kind in kinds.items() if kind == "managed" and name not in own]
    endpoints = picture.endpoint_month() * len(apart)
    peaks = {name: found for name in own if (found := overflow(picture, name))}
    relieved = money.relieved({name: found.taken for name, found in peaks.items()})
    month, total = sum(one.month for one in peaks.values()), sum(one.total for one in peaks.values())
    return Costs(
        recommended=relieved.month(own, rest) + endpoints + month if picture.priced else None,
        all_api=money.month([], names),
        all_own=money.month(names) if picture.priced else None,
        bill=case.bill,
        horizon_months=case.months,
        recommended_total=relieved.total(own, rest) + endpoints * case.months + total if picture.priced else None,
        all_api_total=money.total([], names),
        all_own_total=money.total(names) if picture.priced else None,
        break_even=break_even_said(picture.comparison.crossings[0].at_list) if picture.priced else "unknown: its machines have no price",
        gaps=case.gaps,
    )
