"""What a report draws: cost over volume with its steps, totals over the months, each as plain numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from blueprint.cost.case import Case
from blueprint.cost.machines import Fleet, extra_nodes, month_lines
from blueprint.cost.uncertainty import Distribution, bases, distribution, draws
from blueprint.cost.ways import Way, way_total

MILLION = 1_000_000


@dataclass(frozen=True)
class Volume:
    """A month at a volume of this mix, in euros; `machines` with GPUs."""

    tokens: float
    api: float
    machines_cost: float
    machines: float


def cost_over_volume(case: Case, fleet: Fleet, volumes: Sequence[float]) -> list[Volume]:
    """A month at several volumes, the demand's own mix and peaks scaled: a line for the API, a staircase for machines."""
    values = bases(case.inputs)
    price, total = case.api_price(values), sum(use.tokens.total for use in case.uses)
    peak = sum(use.stream.peak_tokens_per_second for use in case.uses)
    per_token = peak / total if total else 1 / (3600 * case.hours)
    found = []
    for volume in volumes:
        extra = extra_nodes(fleet, [volume * per_token], values)
        cost = sum(month_lines(fleet, values, case.hours, case.months, extra).values())
        found.append(Volume(volume, volume / MILLION * price, cost, fleet.gpus / fleet.serving.gpus + extra))
    return found


def total_over_months(case: Case, way: Way, count: int, seed: int) -> dict[int, Distribution]:
    """What has been spent after each month of the horizon. Set-up is spread over the whole horizon, as in every total."""
    drawn = draws(case.inputs, count, seed)
    once = "managed_setup_eur" if way.fleet and way.fleet.pricing == "managed" else "setup_eur"
    found = {}
    for months in range(1, case.months + 1):
        total = way_total(replace(case, months=months), way)
        scale = months / case.months
        found[months] = distribution([total({**values, once: values[once] * scale}) for values in drawn])
    return found
