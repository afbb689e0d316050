"""Cards side by side: the catalogue's facts, what fits by our own sizing, what articles claim and whether it can be true."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from blueprint.catalog import Gpu, Price, load_catalog
from blueprint.catalog.base import Entry, Sourced
from blueprint.catalog.folders import load
from blueprint.catalog.prices import load_prices
from blueprint.recommendation.data import FOLDER
from blueprint.recommendation.models import USUAL_CONTEXT
from blueprint.sizing import size
from blueprint.throughput import Claim, Roofline, implausible


class Workhorse(Entry):
    """A model cards are compared by."""

    model: str
    format: str


class CardEntry(Sourced):
    """What articles say of a kind of card; `rented` is euros an hour, from and to; `measured`: published throughput was read."""

    label: str
    gpus: tuple[str, ...]
    says: str
    rented: tuple[float, float] | None = None
    measured: bool = False


class CardClaim(Sourced):
    """Something said of a model on cards: that it fits, or how fast it is."""

    says: str
    gpu: str
    cards: int
    model: str
    format: str
    tokens_per_second: float | None = None
    concurrency: float | None = None


class Hardware(Entry):
    """All of it."""

    default: str
    models: tuple[Workhorse, ...]
    cards: dict[str, CardEntry]
    claims: tuple[CardClaim, ...]


@dataclass(frozen=True)
class CardRow:
    """A card with what it holds: requests of the compared length by model, 0 where the model does not fit one card."""

    kind: str
    gpu: Gpu | None
    entry: CardEntry
    prices: tuple[tuple[str, Price], ...]
    holds: tuple[float, ...]


@cache
def load_hardware() -> Hardware:
    """`catalog/decision/hardware.yaml`."""
    return load(Hardware.model_validate, FOLDER / "hardware.yaml")


def card_rows() -> list[CardRow]:
    """Every card of every kind."""
    found = []
    for kind, entry in load_hardware().cards.items():
        cards = [load_catalog().gpus[name] for name in entry.gpus]
        found += [CardRow(kind, gpu, entry, tuple(prices(gpu.name)), tuple(holds(gpu))) for gpu in cards]
        found += [] if cards else [CardRow(kind, None, entry, (), ())]
    return found


def prices(gpu: str) -> Iterator[tuple[str, Price]]:
    """List prices per hour of one card, on demand, wherever the catalogue has a machine with it."""
    for cloud in load_catalog().providers.values():
        for machine in cloud.instances.values():
            if machine.gpu == gpu:
                shares = (
                    price.model_copy(update={"amount": price.amount / machine.gpus})
                    for price in machine.prices
                    if price.kind == "on-demand"
                )
                yield from ((cloud.label, price) for price in shares)


def holds(gpu: Gpu) -> Iterator[float]:
    """Requests of the compared length each compared model has room for on one card."""
    known = load_hardware()
    for one in known.models:
        sizing = size(load_catalog().models[one.model], one.format, gpu, max_context_tokens=USUAL_CONTEXT)
        yield 0.0 if sizing.verdict == "does-not-fit" else sizing.max_concurrency


def why_default() -> Iterator[str]:
    """Why the default is the default, from the figures: what a request held costs, who has no price, who lacks 8-bit arithmetic."""
    known, rows = load_hardware(), card_rows()
    model = load_catalog().models[known.models[0].model].label
    cheapest = {
        kind: min(costs) for kind in known.cards if (costs := [cost for row in rows if row.kind == kind for cost in _per_request(row)])
    }
    told = [f"{known.cards[kind].label} {cost:.2f}" for kind, cost in sorted(cheapest.items(), key=lambda one: one[1])]
    yield f"an hour of room for one request of {USUAL_CONTEXT:,} tokens to {model} costs, in EUR at list price: {', '.join(told)}"
    if unpriced := [entry.label for kind, entry in known.cards.items() if entry.gpus and kind not in cheapest]:
        yield f"{' and '.join(unpriced)} hold more or as much, but no cloud of the catalogue lists a price for them"
    if without := [known.cards[kind].label for kind in known.cards if _lacks_fp8(rows, kind)]:
        yield f"{' and '.join(without)} cannot multiply in 8 bits: FP8 weights save memory there, not time"
    measured = {truth: [entry.label for entry in known.cards.values() if entry.measured is truth and entry.gpus] for truth in (True, False)}
    yield f"published throughput was read for {', '.join(measured[True])}; for {', '.join(measured[False])} none: measure"


def _per_request(row: CardRow) -> Iterator[float]:
    """Euros an hour for one request of the first compared model, at each list price."""
    per_euro = load_prices().assumptions["usd_per_eur"].base
    for _, price in row.prices if row.holds and row.holds[0] else ():
        yield price.amount / (per_euro if price.currency == "USD" else 1) / row.holds[0]


def _lacks_fp8(rows: list[CardRow], kind: str) -> bool:
    cards = [row.gpu for row in rows if row.kind == kind and row.gpu is not None]
    return bool(cards) and all(gpu.speed is not None and gpu.speed.fp8_tflops is None for gpu in cards)


def judged_claims() -> list[tuple[CardClaim, str]]:
    """What articles say of cards, with what sizing or the plausibility gate says of it."""
    return [(claim, _speed(claim) if claim.tokens_per_second else _fit(claim)) for claim in load_hardware().claims]


def _fit(claim: CardClaim) -> str:
    sizing = size(
        load_catalog().models[claim.model],
        claim.format,
        load_catalog().gpus[claim.gpu],
        tensor_parallel=claim.cards,
        max_context_tokens=USUAL_CONTEXT,
    )
    verdict = "to spare" if sizing.margin_gib >= 0 else "too little"
    rest = f"{abs(sizing.margin_gib):.1f} GiB {verdict} with one request of {USUAL_CONTEXT:,} tokens"
    weights = f"{sizing.terms['weights']:.1f} GiB of weights a card"
    return f"{'does not fit' if sizing.verdict == 'does-not-fit' else sizing.verdict}: {weights}, {rest}"


def _speed(claim: CardClaim) -> str:
    roofline = Roofline(load_catalog().models[claim.model], claim.format, load_catalog().gpus[claim.gpu], claim.cards)
    found = implausible(Claim(claim.tokens_per_second, concurrency=claim.concurrency), roofline)
    return "; ".join(map(str, found)) or "plausible"
