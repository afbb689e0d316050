"""Where machines of one's own begin to cost less than tokens, and whether they can serve that much.

Formulas: the hosting primer's crossover (cost of the machines over the API's price), with what it leaves out: capacity. Machines come
in steps, so the cost of self-hosting is a staircase and the crossing may be on a later step, or nowhere.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

MILLION = 1_000_000
DAYS_PER_MONTH = 30
UTILIZATIONS = tuple(percent / 100 for percent in range(5, 101, 5))


@dataclass(frozen=True)
class Crossover:
    """The primer's own figures, and whether so many GPUs can serve that volume. `currency` is whatever the prices were in."""

    monthly_gpu_cost: float
    self_hosted_cost_per_mtok: float
    crossover_monthly_tokens: int
    crossover_daily_tokens: int
    gpu_capacity_monthly_tokens: int
    reachable: bool


@dataclass(frozen=True)
class BreakEven:
    """`tokens_per_month` None: never; `why` says so in a sentence. `machines` serve that volume, spares not counted."""

    tokens_per_month: float | None
    machines: float | None
    why: str


def crossover(
    api_price_per_mtok: float, gpu_per_hour: float, tokens_per_hour_per_gpu: float, num_gpus: int, hours_per_month: float = 720
) -> Crossover:
    """The volume at which GPUs alone cost what the API does (the primer counts 24 × 30 hours)."""
    cost, capacity = gpu_per_hour * hours_per_month * num_gpus, tokens_per_hour_per_gpu * hours_per_month * num_gpus
    tokens = cost / api_price_per_mtok * MILLION
    return Crossover(
        monthly_gpu_cost=cost,
        self_hosted_cost_per_mtok=round(cost / capacity * MILLION, 4),
        crossover_monthly_tokens=int(tokens),
        crossover_daily_tokens=int(tokens / DAYS_PER_MONTH),
        gpu_capacity_monthly_tokens=int(capacity),
        reachable=tokens <= capacity,
    )


def break_even(
    api_price_per_mtok: float, fixed_per_month: float, machine_per_month: float, capacity_per_machine: float, machines: float = 1
) -> BreakEven:
    """The least volume at which `fixed + n × machine` costs no more than the tokens, with the n machines that serve it.

    Args:
        api_price_per_mtok: of the mix, in the currency of the costs.
        fixed_per_month: what does not depend on the volume.
        machine_per_month: one more machine.
        capacity_per_machine: tokens per month one machine can serve at the utilization one dares.
        machines: the fewest there can be; a fraction where schedules stop some for part of the day.
    """
    if api_price_per_mtok <= 0:
        return BreakEven(None, None, "never: the API costs nothing")
    if capacity_per_machine <= 0:
        return BreakEven(None, None, "never: the machines serve nothing")
    saved = api_price_per_mtok * capacity_per_machine / MILLION - machine_per_month
    missing = fixed_per_month - machines * saved
    if missing > 0 and saved <= 0:
        own = machine_per_month / capacity_per_machine * MILLION
        return BreakEven(None, None, f"never: a full machine alone costs {own:,.2f} per million tokens, the API {api_price_per_mtok:,.2f}")
    count = machines + (math.ceil(missing / saved - 1e-9) if missing > 0 else 0)
    return BreakEven((fixed_per_month + count * machine_per_month) / api_price_per_mtok * MILLION, count, "")


def parity_utilization(api_price_per_mtok: float, cost_per_month: float, capacity_per_month: float) -> float:
    """The share of their capacity at which machines cost what the API would; above 1 they never do."""
    return cost_per_month / (api_price_per_mtok * capacity_per_month / MILLION)


def cost_ratio(utilization: float, parity: float) -> float:
    """Self-hosted over API cost per token at a utilization: fixed costs shared by fewer tokens weigh more."""
    return parity / utilization


def utilization_curve(parity: float, steps: Sequence[float] = UTILIZATIONS) -> dict[float, float]:
    """Cost ratio by utilization: 1 is parity, 1.8 is 80 % dearer, 0.69 is 31 % cheaper."""
    return {utilization: cost_ratio(utilization, parity) for utilization in steps}
