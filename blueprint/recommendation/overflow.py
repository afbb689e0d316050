"""Peaks of our own machines that an API takes: how many tokens that is, and what they cost."""

from dataclasses import dataclass, replace

from blueprint.cost.overflow import overflow_bounds
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Option, Reason


@dataclass(frozen=True)
class Overflow:
    """What goes to an API because our machines take only the share `taken` of the peak: a share of all tokens, between `least` and `most`
    whatever the demand is between its mean and its peak. Euros of the first month and over the horizon."""

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
            return Reason("cost", f"its machines take today's peak; what grows beyond goes to {self.option.name}")
        said = f"about {self.share:.1%} of its tokens ({self.least:.0%} to {self.most:.0%}) come while its machines are full"
        return Reason("cost", f"{said}: {self.month:,.0f} EUR a month at {self.option.name}")


def overflow(picture: Picture, name: str) -> Overflow | None:
    """The overflow of a use case on machines: where that costs less than machines for all of its peaks, and an API is open to it."""
    option = picture.option(name, "api")
    if name not in picture.spill or option is None:
        return None
    own, money = [each for each, kind in picture.decision.kinds.items() if kind == "self-hosted"], picture.money("self-hosted")
    if not picture.overflowing(own, picture.spill)[name]:
        return None
    now, whole = (money.plan(own, picture.spill, months) for months in (1, money.case.months))
    least, most = overflow_bounds(now.taken[name], money.uses[name].peak_factor)
    month = now.euros[name]
    return Overflow(replace(option, eur_per_month=month), now.taken[name], now.shares[name], least, most, month, whole.euros[name])
