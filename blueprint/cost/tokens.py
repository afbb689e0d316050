"""What a hosted model costs: list price, cached tokens, what was really paid, and the sum over a horizon."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from blueprint.catalog import Price, load_catalog
from blueprint.catalog.prices import Currency, Status, TokenPrice, load_prices
from blueprint.errors import BlueprintError
from blueprint.workload import Tokens

MILLION = 1_000_000


@dataclass(frozen=True)
class TokenRate:
    """A list price per million tokens, with where it is from."""

    name: str
    label: str
    currency: Currency
    input: float
    output: float
    cached_input: float | None
    kind: str
    status: Status
    source: str
    as_of: str


def token_cost(tokens: Tokens, input_price: float, output_price: float, cached_price: float | None = None) -> float:
    """A month's tokens at prices per million; cached tokens at the input price where they have none of their own."""
    cached = input_price if cached_price is None else cached_price
    return ((tokens.input - tokens.cached) * input_price + tokens.cached * cached + tokens.output * output_price) / MILLION


def blended_price(tokens: Tokens, input_price: float, output_price: float, cached_price: float | None = None) -> float:
    """What a million tokens of this mix costs; 0 for no tokens."""
    return token_cost(tokens, input_price, output_price, cached_price) / tokens.total * MILLION if tokens.total else 0.0


def effective_price(bill: float, tokens: Tokens) -> float:
    """What a million tokens came to on a real bill."""
    return bill / tokens.total * MILLION if tokens.total else 0.0


@cache
def months_of_change(growth_per_year: float, decline_per_year: float, months: int) -> float:
    """How many first months a horizon is worth when volume grows and prices decline, both month by month: the geometric series of
    ((1 + growth)(1 - decline))^(1/12)."""
    ratio = float(((1 + growth_per_year) * (1 - decline_per_year)) ** (1 / 12))
    return float(months) if abs(ratio - 1) < 1e-12 else (1 - ratio**months) / (1 - ratio)


def rate(name: str) -> TokenRate:
    """The list price of `provider/model`, from catalog/prices/ or catalog/apis/.

    Raises:
        BlueprintError: nobody has written down its price.
    """
    known = _rates()
    if name not in known:
        close = get_close_matches(name, list(known), n=3, cutoff=0.4)
        raise BlueprintError(f"no price per token is known for {name}", f"choose one of {', '.join(close or sorted(known))}")
    return known[name]


@cache
def _rates() -> dict[str, TokenRate]:
    listed = {name: _listed(price) for name, price in load_prices().tokens.items()}
    hosted = {f"{provider}/{model}": entry.prices for provider, api in load_catalog().apis.items() for model, entry in api.models.items()}
    return listed | {name: _hosted(name, prices) for name, prices in hosted.items() if prices}


def _listed(price: TokenPrice) -> TokenRate:
    return TokenRate(
        price.name,
        price.label,
        price.currency,
        price.input,
        price.output,
        price.cached_input,
        price.kind,
        price.status,
        price.source,
        price.as_of,
    )


def _hosted(name: str, prices: tuple[Price, ...]) -> TokenRate:
    given, written = (next(price for price in prices if price.unit == f"million {side} tokens") for side in ("input", "output"))
    cached = load_prices().cached.get(name)
    cached_input = cached.input if cached and cached.currency == given.currency else None
    return TokenRate(name, name, given.currency, given.amount, written.amount, cached_input, "closed", "current", given.source, given.as_of)
