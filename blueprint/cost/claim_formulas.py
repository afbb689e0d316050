"""The formulas that published figures are held against: the cost model's own, on the figures an article gives."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from blueprint.catalog.prices import load_prices
from blueprint.cost.breakeven import break_even, cost_ratio, crossover
from blueprint.cost.heuristics import primer_rule, spend_rule
from blueprint.cost.tokens import MILLION, blended_price, effective_price, rate, token_cost
from blueprint.workload import Tokens

Pair = Sequence[float]
Prices = Mapping[str, Pair]
FORMULAS: dict[str, Callable[..., dict[str, Any]]] = {}


def _formula(function: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    FORMULAS[function.__name__] = function
    return function


FORMULAS["crossover"] = lambda **given: asdict(crossover(**given))
FORMULAS["primer_rule"] = lambda **given: asdict(primer_rule(**given))
FORMULAS["assumption"] = lambda name: load_prices().assumptions[name].model_dump()
FORMULAS["listed"] = lambda name: asdict(rate(name))


@_formula
def token_bill(input: float, output: float, prices: Prices) -> dict[str, Any]:
    """A month's tokens at several price lists."""
    return {name: token_cost(Tokens(input, output), *pair) for name, pair in prices.items()}


@_formula
def worked_example(
    input: float, output: float, prices: Prices, gpus: int, per_hour: Mapping[str, float], hours_per_month: float
) -> dict[str, Any]:
    """Tokens at two price lists (the dearer first) beside machines at several prices."""
    bills = token_bill(input, output, prices)
    dear, cheap = bills.values()
    machines = {name: gpus * price * hours_per_month for name, price in per_hour.items()}
    return {**bills, **machines, "saving_open_vs_closed": 1 - cheap / dear}


@_formula
def total_tokens(input: float, output: float) -> dict[str, Any]:
    """Input and output together."""
    return {"total_tokens": Tokens(input, output).total}


@_formula
def machine_month(
    gpus: int, per_hour: float, hours_per_month: float, discounts: Pair = (), claimed: Pair = (), later_per_hour: float = 0
) -> dict[str, Any]:
    """GPUs for a month, at a later price too, and with discounts taken off; `implied` are the discounts that claimed totals amount to,
    the smaller first."""
    on_demand, later = (gpus * price * hours_per_month for price in (per_hour, later_per_hour))
    reserved = [on_demand * (1 - discount) for discount in discounts]
    return {"on_demand": on_demand, "later": later, "reserved": reserved, "implied": sorted(1 - total / on_demand for total in claimed)}


@_formula
def switch(before: float, parts: Pair, setup: float, operations_per_year: float, share_kept: float) -> dict[str, Any]:
    """A bill replaced by parts of it, with people: what the first year and each one after it net."""
    saving = (before - sum(parts)) * 12
    return {
        "after": sum(parts),
        "saving_year": saving,
        "net_year1": saving - setup - operations_per_year,
        "net_year2": saving - operations_per_year,
        "kept": before * share_kept,
    }


@_formula
def leave(rent: float, engineer_per_year: float, managed: float) -> dict[str, Any]:
    """What self-hosting cost a month with its engineer, and what leaving it saves."""
    before = rent + engineer_per_year / 12
    return {"before_month": before, "saving_month": before - managed}


@_formula
def spend_bounds(spends: Pair) -> dict[str, Any]:
    """What the threshold on API spend says of each."""
    return {f"{spend:.0f}": spend_rule(spend) for spend in spends}


@_formula
def average_rate(tokens_per_hour: float, headroom: float, per_gpu: Pair) -> dict[str, Any]:
    """Tokens per second, with headroom, and the GPUs that takes at rates per GPU, fewest first."""
    average = tokens_per_hour / 3600
    return {"avg_tok_s": average, "with_headroom": average * headroom, "gpus": sorted(average * headroom / one for one in per_gpu)}


@_formula
def weights(parameters: float, bits: Mapping[str, float]) -> dict[str, Any]:
    """Gigabytes of weights: parameters × bits / 8."""
    return {name: parameters * width / 8 / 1e9 for name, width in bits.items()}


@_formula
def measured_weights(parameters: float, bits: Mapping[str, float], **measured: float) -> dict[str, Any]:
    """The same beside what was read off a real server."""
    return {**weights(parameters, bits), **measured}


@_formula
def seats(people: int, per_month: float) -> dict[str, Any]:
    """Licences for a year."""
    return {"year": people * per_month * 12}


@_formula
def floors(machines: Prices, setup: Pair, others: Sequence[Pair]) -> dict[str, Any]:
    """Lines of a month summed up, low and high, with and without set-up."""
    without = {f"{name}_without_setup": _sums([pair, *others]) for name, pair in machines.items()}
    return {name: _sums([pair, setup, *others]) for name, pair in machines.items()} | without


@_formula
def mix_break_even(input_mtok: float, output_mtok: float, floor: Pair, prices: Prices, bill: float) -> dict[str, Any]:
    """Millions of tokens at which a floor is met, at a mix and at the output price alone, capacity left aside; and what a million
    would have to cost for 50 million to meet it, beside what a bill came to."""
    mix = Tokens(input_mtok * MILLION, output_mtok * MILLION)
    blended = {name: blended_price(mix, *pair) for name, pair in prices.items()}
    crossings = {name: [_met(one, price) for one in floor] for name, price in blended.items()}
    dearest = max(output for _, output in prices.values())
    crossings[f"output_only_{dearest:g}"] = [_met(one, dearest) for one in floor]
    needed = [one / 50 for one in floor]
    return {"blended": blended, "breakeven_mtok": crossings, "needed_at_50m": needed, "effective": effective_price(bill, mix)}


@_formula
def mix_bill(input_mtok: float, output_mtok: float, prices: Prices, volumes_mtok: Pair) -> dict[str, Any]:
    """What volumes of a mix cost at the first price list."""
    price = blended_price(Tokens(input_mtok * MILLION, output_mtok * MILLION), *next(iter(prices.values())))
    return {"bill": [volume * price for volume in volumes_mtok]}


@_formula
def volume_and_bill(input: float, output: float, bill: float, prices: Prices) -> dict[str, Any]:
    """A bill beside the list price of the same volume."""
    listed = token_bill(input, output, prices)
    return {
        "list_price": listed,
        "ratio": sorted(bill / one for one in listed.values()),
        "effective_eur_per_mtok": effective_price(bill, Tokens(input, output)),
    }


@_formula
def own_price(
    input_mtok: float, output_mtok: float, price: Pair, per_hour: float, utilization: float, gpus: int, hours_per_month: float
) -> dict[str, Any]:
    """The throughput a price per token takes of a GPU, and what the volume is of that."""
    mix = Tokens(input_mtok * MILLION, output_mtok * MILLION)
    blended = blended_price(mix, *price)
    rate_busy = per_hour / blended * MILLION / 3600
    actual = mix.total / (hours_per_month * 3600)
    return {
        "blended": blended,
        "implied_tok_s": rate_busy,
        "implied_tok_s_full": rate_busy / utilization,
        "tokens_month_per_gpu": rate_busy * 3600 * hours_per_month,
        "actual_avg_tok_s": actual,
        "actual_util": actual / (gpus * rate_busy / utilization),
    }


@_formula
def utilization(parity: float, utilizations: Pair) -> dict[str, Any]:
    """Cost ratio at each utilization."""
    return {"parity_util": parity, "ratio": {f"{one:g}": cost_ratio(one, parity) for one in utilizations}}


@_formula
def per_month(amount: float, months: int) -> dict[str, Any]:
    """An amount spread over months."""
    return {"per_month": amount / months}


@_formula
def overhead(lines: Sequence[Pair], gpus: int, hours_per_month: float) -> dict[str, Any]:
    """What lines beside the GPUs come to, a month and per GPU-hour."""
    totals = _sums(lines)
    return {"non_gpu": totals, "per_gpu_hour": [total / (gpus * hours_per_month) for total in totals]}


@_formula
def week_price(weeks: Pair, per_month: Pair, months: int) -> dict[str, Any]:
    """What an engineer's week and year come to when weeks of work are given as an amount per month."""
    week = [amount * months / count for amount, count in zip(per_month, weeks, strict=True)]
    return {"per_week": week, "per_year": [one * 52 for one in week]}


def _sums(lines: Sequence[Pair]) -> list[float]:
    return [sum(pair[0] for pair in lines), sum(pair[1] for pair in lines)]


def _met(floor: float, price: float) -> float:
    return (break_even(price, floor, 0, math.inf).tokens_per_month or 0) / MILLION
