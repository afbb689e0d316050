"""The cost model with one use case changed: more of it, higher peaks, another price. What would change an answer is searched with these."""

from dataclasses import replace

from blueprint.cost.case import Use
from blueprint.recommendation.money import Money, busier
from blueprint.workload import Tokens


def grown(money: Money, name: str, times: float) -> Money:
    """The volume of a use case, at its peaks too, so many times as large."""
    use = _listed(money, name)
    tokens = Tokens(use.tokens.input * times, use.tokens.output * times, use.tokens.cached * times)
    return money.changed(replace(busier(use, times), tokens=tokens, mean_tokens_per_second=use.mean_tokens_per_second * times))


def peaked(money: Money, name: str, times: float) -> Money:
    """Its peaks so many times as high, its volume as it is."""
    use = _listed(money, name)
    return money.changed(replace(busier(use, times), peak_factor=use.peak_factor * times))


def dearer(money: Money, name: str, times: float) -> Money:
    """Its API at so many times its price."""
    use = _listed(money, name)
    cached = None if use.rate.cached_input is None else use.rate.cached_input * times
    return money.changed(use.at(replace(use.rate, input=use.rate.input * times, output=use.rate.output * times, cached_input=cached)))


def _listed(money: Money, name: str) -> Use:
    return next(use for use in money.case.uses if use.name == name)
