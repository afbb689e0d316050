"""What a hybrid sends to an API: tokens that come while more is asked for than its machines take.

Of a demand only mean and peak are known (`peak_factor` f). Sorted from its busiest moment on (a load duration curve, as power plants are
planned with) it is taken as the power curve that has both, peak x (1 - u)^(f - 1) at the share u of its hours. Machines that take the
share c of the peak leave over, of all tokens,

    1 - f c + (f - 1) c^(f / (f - 1))

and whatever the curve is, at least max(0, 1 - f c) (a steady demand) and at most 1 - c (all of it at the peak, nothing between).
"""

import math
from collections.abc import Sequence

from blueprint.cost.case import Use
from blueprint.cost.machines import Fleet
from blueprint.cost.uncertainty import Values


def overflow_share(taken: float, peak_factor: float) -> float:
    """The share of all tokens that is left over by machines that take `taken` of the peak."""
    if taken >= 1:
        return 0.0
    if peak_factor <= 1:
        return 1 - taken
    power = peak_factor / (peak_factor - 1)
    return max(0.0, 1 - peak_factor * taken + (peak_factor - 1) * math.pow(taken, power))


def overflow_bounds(taken: float, peak_factor: float) -> tuple[float, float]:
    """The least and the most it can be for any demand of that peak and mean."""
    return max(0.0, 1 - peak_factor * taken), max(0.0, 1 - taken)


def taken_by(fleet: Fleet, uses: Sequence[Use], values: Values) -> float:
    """The share of the uses' peaks that machines take that are there anyway, with headroom; over 1 where they could take more."""
    peak = sum(use.stream.peak_tokens_per_second for use in uses)
    return values["tokens_per_second_per_gpu"] * fleet.gpus / (values["headroom"] * peak) if peak else 1.0


def overflow_total(use: Use, taken: float, values: Values, months: int) -> float:
    """Euros at its API over a horizon in which the use case grows, its machines do not, and prices decline; of one month, that month's."""
    growth, price = (math.pow(1 + rate, 1 / 12) for rate in (use.stream.growth_per_year, -values["api_decline_per_year"]))
    shares = [(growth * price) ** month * overflow_share(taken / growth**month, use.peak_factor) for month in range(months)]
    return use.api_month(values) * sum(shares)
