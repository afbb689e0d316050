"""What a use case needs beside a lawful place, and which options that closes. What nobody said closes nothing, and is remembered."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Literal, get_args

from blueprint.cost.tokens import rate
from blueprint.errors import BlueprintError
from blueprint.recommendation.data import hosting
from blueprint.recommendation.result import Option, Stage
from blueprint.workload import UseCase

Capability = Literal["open", "frontier"]


@dataclass(frozen=True)
class Needs:
    """Hard needs; None is unknown. `fastest_ms` is the least time our own server could take for the prompt (0: not known)."""

    placement: str = "any"
    capability: Capability | None = None
    frozen_model: bool | None = None
    first_token_ms: float | None = None
    fastest_ms: float = 0.0

    def completions(self) -> Iterator["Needs"]:
        """Every way the unknown ones could turn out, as far as it makes a difference."""
        tight = hosting().api_first_token_ms.low / 2
        for capability, frozen, wait in product(
            [self.capability] if self.capability else get_args(Capability),
            [self.frozen_model] if self.frozen_model is not None else [False, True],
            [self.first_token_ms] if self.first_token_ms else [None, tight],
        ):
            yield replace(self, capability=capability, frozen_model=frozen, first_token_ms=wait)

    def without(self, name: str) -> "Needs":
        """The same with one need unknown."""
        unknown: dict[str, Any] = {name: None}
        return replace(self, **unknown)


def needs_of(use: UseCase | None, fastest_ms: float = 0.0) -> Needs:
    """What a demand says of a use case; without one everything is unknown."""
    if use is None:
        return Needs(fastest_ms=fastest_ms)
    return Needs(use.placement, use.capability, use.frozen_model, use.first_token_ms or use.ttft_p95_ms, fastest_ms)


def restricted(option: Option, needs: Needs) -> Option:
    """The option as the needs leave it. What the law closed stays closed by the law."""
    if not option.open:
        return option
    for stage, why in _objections(option, needs):
        return replace(option, closed=why, closed_by=stage)
    return option


def _objections(option: Option, needs: Needs) -> Iterator[tuple[Stage, str]]:
    hosted = option.kind == "api"
    if needs.placement == "self-hosted" and option.kind != "self-hosted":
        yield "stated", "the demand says that it must be self-hosted (placement)"
    if needs.placement == "api" and not (hosted or (option.kind == "managed" and option.built)):
        yield "stated", "the demand says that it must be at an API (placement)"
    if needs.capability == "frontier" and not (hosted and _closed_model(option.api)):
        yield "capability", "it needs a frontier model, and those are at APIs only"
    if needs.frozen_model and hosted:
        yield "frozen model", "its weights may only change when we change them; a provider updates and retires hosted models"
    if needs.first_token_ms is not None:
        yield from _too_slow(hosted, needs.first_token_ms, needs.fastest_ms)


def _too_slow(hosted: bool, wanted: float, fastest: float) -> Iterator[tuple[Stage, str]]:
    promised = hosting().api_first_token_ms
    if hosted and wanted < promised.low:
        yield "latency", f"{wanted:g} ms to the first token is below the {promised.low:g} to {promised.high:g} ms of hosted models"
    if not hosted and wanted < fastest:
        yield "latency", f"{wanted:g} ms to the first token is below the {fastest:,.0f} ms its card needs to read the prompt, at its peak"


def _closed_model(api: str) -> bool:
    try:
        return rate(api).kind == "closed"
    except BlueprintError:
        return False
