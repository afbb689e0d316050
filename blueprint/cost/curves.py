"""What a report draws: cost over volume with its steps, totals over the months, each as plain numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from blueprint.cost.case import Case, Use
from blueprint.cost.machines import Fleet, extra_nodes, month_lines
from blueprint.cost.peaks import Peaks
from blueprint.cost.uncertainty import Distribution, bases, distribution, draws
from blueprint.cost.ways import Way, way_total
from blueprint.workload import Tokens

MILLION = 1_000_000


@dataclass(frozen=True)
class Volume:
    """A month at a volume of this mix, in euros; `machines` with GPUs. `with_overflow`: as many machines as cost least, peaks at APIs."""

    tokens: float
    api: float
    machines_cost: float
    machines: float
    with_overflow: float


def cost_over_volume(case: Case, fleet: Fleet, volumes: Sequence[float]) -> list[Volume]:
    """A month at several volumes, the demand's own mix and peaks scaled: a line for the API, a staircase for machines."""
    values = bases(case.inputs)
    price, total = case.api_price(values), sum(use.tokens.total for use in case.uses)
    peak = sum(use.stream.peak_tokens_per_second for use in case.uses)
    per_token = peak / total if total else 1 / (3600 * case.hours)
    found = []
    for volume in volumes:
        extra = extra_nodes(fleet, [volume * per_token], values)
        now, cost = (sum(month_lines(fleet, values, case.hours, case.months, count).values()) for count in (0, extra))
        over = _with_overflow(case, fleet, volume / total, now, (cost - now) / extra) if extra and total else cost
        found.append(Volume(volume, volume / MILLION * price, cost, fleet.gpus / fleet.serving.gpus + extra, over))
    return found


def _with_overflow(case: Case, fleet: Fleet, times: float, now: float, machine: float) -> float:
    """The least a month costs with so many times the volume, where an API may take peaks."""
    uses = tuple(_grown(use, times) for use in case.uses)
    asked = Peaks(uses, frozenset(use.name for use in uses if use.placement != "self-hosted"), 1, bases(case.inputs))
    ((count, euros),) = asked.cheapest(*fleet.steps(asked.values), machine, [1.0])
    return now + count * machine + euros


def _grown(use: Use, times: float) -> Use:
    tokens = Tokens(use.tokens.input * times, use.tokens.output * times, use.tokens.cached * times)
    stream = replace(use.stream, peak_tokens_per_second=use.stream.peak_tokens_per_second * times, growth_per_year=0)
    return replace(use, tokens=tokens, stream=stream)


def total_over_months(case: Case, way: Way, count: int, seed: int) -> dict[int, Distribution]:
    """What has been spent after each month of the horizon; after each quarter where peaks overflow, which takes time to add up. Set-up is
    spread over the whole horizon, as in every total."""
    drawn = draws(case.inputs, count, seed)
    once = "managed_setup_eur" if way.fleet and way.fleet.pricing == "managed" else "setup_eur"
    found = {}
    every = range(1, case.months + 1)
    for months in [month for month in every if month in (1, case.months) or month % 3 == 0] if way.spill else every:
        total = way_total(replace(case, months=months), way)
        scale = months / case.months
        found[months] = distribution([total({**values, once: values[once] * scale}) for values in drawn])
    return found
