"""Common mistakes this case runs into: those of the break-even article, of the hosting primer and of the inferops article."""

from collections.abc import Iterator, Sequence

from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Costs, Mistake, UseCaseAdvice

BREAK_EVEN, PRIMER, INFEROPS = "break-even article", "hosting primer", "inferops article"
PEOPLE = ("operations_fte", "engineer_eur_per_year", "setup_eur")


def mistakes(picture: Picture, advices: Sequence[UseCaseAdvice], costs: Costs | None) -> tuple[Mistake, ...]:
    """Those that the inputs show, or leave open."""
    own = [advice for advice in advices if advice.placement in ("self-hosted", "hybrid")]
    return (*_money(picture, costs), *_early(picture, advices), *_quality(picture, own), *_running(picture, advices, own))


def _money(picture: Picture, costs: Costs | None) -> Iterator[Mistake]:
    own = picture.demand.assumptions if picture.demand else {}
    free = [name for name in PEOPLE if name in own and own[name].base == 0]
    if free:
        yield Mistake("Cost math without operational cost", f"{', '.join(free)} is zero in the demand's assumptions", BREAK_EVEN)
    silent = [name for name, use in picture.uses.items() if "growth_per_year" not in use.model_fields_set]
    if silent:
        yield Mistake("Modelling today's volume, not the projected one", f"no growth_per_year for {', '.join(silent)}", PRIMER)
    if picture.priced and "tokens_per_second_per_gpu" not in own and costs is not None:
        yield Mistake(
            "Under-investing in optimization",
            "tokens per second are an article's band for another model: measure with guidellm",
            BREAK_EVEN,
        )


def _early(picture: Picture, advices: Sequence[UseCaseAdvice]) -> Iterator[Mistake]:
    early = [advice.name for advice in advices if advice.placement == "api" and advice.name in picture.env.models]
    if early and picture.priced:
        yield Mistake("Self-hosting too early", f"{', '.join(early)} has machines in the environment; its API costs less", BREAK_EVEN)
    ready = picture.demand.readiness if picture.demand else None
    own = [advice.name for advice in advices if advice.placement in ("self-hosted", "hybrid")]
    if len(own) > 1 and ready is not None and ready.gpu_operations is False:
        yield Mistake(
            "Starting with more than one use case", f"{' and '.join(own)} at once, with a team that has never operated GPUs", INFEROPS
        )


def _quality(picture: Picture, own: Sequence[UseCaseAdvice]) -> Iterator[Mistake]:
    untested = [advice.name for advice in own if "capability" in advice.unknown]
    if untested:
        yield Mistake(
            "Frontier quality from small open models",
            f"nobody said that an open model is good enough for {', '.join(untested)}",
            BREAK_EVEN,
        )
    if own:
        names = ", ".join(advice.name for advice in own)
        yield Mistake("Ignoring quality drift", f"hold {names} against the current hosted model at every review", BREAK_EVEN)


def _running(picture: Picture, advices: Sequence[UseCaseAdvice], own: Sequence[UseCaseAdvice]) -> Iterator[Mistake]:
    alone = [advice.name for advice in advices if not (advice.fallback.separate and advice.fallback.built)]
    if alone:
        yield Mistake("No fallback", f"none is built for {', '.join(alone)}", BREAK_EVEN)
    ready = picture.demand.readiness if picture.demand else None
    if ready is None or not ready.quarterly_review:
        yield Mistake("Not reconsidering", "nobody promised to look again (readiness.quarterly_review)", BREAK_EVEN)
    spot = {name for name, pool in picture.env.cluster.gpu_pools.items() if getattr(pool, "spot", False)}
    on_spot = [advice.name for advice in own if _realtime_on(picture, advice.name, spot)]
    if on_spot:
        yield Mistake("Spot machines without graceful handling", f"{', '.join(on_spot)} is real-time work on spot machines", BREAK_EVEN)


def _realtime_on(picture: Picture, name: str, pools: set[str]) -> bool:
    deployment = picture.env.models.get(name)
    return deployment is not None and deployment.pool in pools and deployment.priority == "realtime"
