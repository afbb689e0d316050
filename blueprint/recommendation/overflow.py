"""Peaks of our own machines that an API takes: when there are any, how many tokens that is, and what they cost."""

from dataclasses import dataclass, replace

from blueprint.cost.overflow import overflow_bounds, overflow_share, overflow_total, taken_by
from blueprint.cost.tokens import rate
from blueprint.recommendation.data import hosting
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Option, Reason


@dataclass(frozen=True)
class Overflow:
    """What goes to an API because our replicas take only the share `taken` of the peak (over 1: more than that): a share of all tokens,
    between `least` and `most` whatever the demand is between its mean and its peak. Euros of the first month and over the horizon."""

    option: Option
    taken: float
    share: float
    least: float
    most: float
    month: float
    total: float

    @property
    def reason(self) -> Reason:
        """How much it is, in a sentence."""
        if not self.share:
            return Reason("cost", f"its replicas take today's peak; what grows beyond goes to {self.option.name}")
        said = f"about {self.share:.1%} of its tokens ({self.least:.0%} to {self.most:.0%}) come while its replicas are full"
        return Reason("cost", f"{said}: {self.month:,.0f} EUR a month at {self.option.name}")


def overflow(picture: Picture, name: str) -> Overflow | None:
    """The overflow of a use case on machines: where its peaks are many times its mean, or more than its replicas may serve, and an API
    is open to its data."""
    use, option = picture.uses.get(name), picture.option(name, "api")
    if picture.decision.kinds[name] != "self-hosted" or use is None or option is None:
        return None
    needed = picture.capacities.get(name)
    crowded = needed is not None and needed.replicas > needed.allowed
    if not crowded and use.peak_factor < hosting().spiky.value:
        return None
    money = picture.money(picture.decision.family)
    taken = needed.allowed / needed.replicas if needed else taken_by(money.fleet, [money.uses[one] for one in picture.own()], money.values)
    at_api = money.uses[name].at(rate(option.api))
    month, total = (overflow_total(at_api, taken, money.values, months) for months in (1, money.case.months))
    least, most = overflow_bounds(taken, use.peak_factor)
    return Overflow(replace(option, eur_per_month=month), taken, overflow_share(taken, use.peak_factor), least, most, month, total)
