"""The advice for one use case: where, why, what would move it, and what happens when that place fails."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil

from blueprint.cost.wording import counted
from blueprint.recommendation.certainty import confidence
from blueprint.recommendation.changes import changes
from blueprint.recommendation.data import hosting
from blueprint.recommendation.fallback import fallback, has
from blueprint.recommendation.needs import restricted
from blueprint.recommendation.options import api_host, data_class_of, hosted_open
from blueprint.recommendation.overflow import Overflow, overflow
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.reasons import reasons
from blueprint.recommendation.result import Option, Placement, Reason, UseCaseAdvice, WeighedPlacement
from blueprint.recommendation.rules import primer
from blueprint.recommendation.weighing import month_at, weighed_placements


def advice(picture: Picture, name: str) -> UseCaseAdvice:
    """Everything about one use case; the first reason is what decided."""
    kind, use = picture.decision.kinds[name], picture.uses.get(name)
    option = picture.option(name, kind) if kind else None
    peaks = overflow(picture, name)
    placement: Placement = "hybrid" if peaks else kind or "none"
    weighed, plan = tuple(weighed_placements(picture, name)), fallback(picture, name, kind)
    why = tuple(_with_peaks([*reasons(picture, name)], weighed, peaks))
    data_class = data_class_of(picture.env, use)
    volume = use.tokens(picture.hours).total if use else None
    options = tuple(_priced(picture, name, one) for one in picture.subjects[name].left)
    return UseCaseAdvice(
        name=name,
        data_class=data_class,
        placement=placement,
        where=f"{option.name}{f', peaks to {peaks.option.name}' if peaks else ''}" if option else "nowhere yet",
        confidence=confidence(picture, name),
        reasons=why,
        option=next((one for one in options if option and one.name == option.name), None),
        overflow=peaks.option if peaks else None,
        fallback=plan,
        changes=changes(picture, name),
        before=tuple(_before(picture, name, option, plan.option, peaks)),
        options=options,
        models=picture.models[name],
        heuristic=primer(volume, data_class, picture.team, placement, next(iter(why), None)),
        unknown=picture.subjects[name].unknown,
        tokens_per_month=volume,
        eur_per_month=next((one.eur_per_month for one in options if option and one.name == option.name), None),
        cheaper_on_machines=picture.decision.shares.get(name),
        offers=tuple(_offers(picture, name)),
        weighed=weighed,
    )


def _with_peaks(why: Sequence[Reason], weighed: Sequence[WeighedPlacement], peaks: Overflow | None) -> Iterator[Reason]:
    """Reasons with those for an overflow: first what it is worth, last how much it is."""
    costs = {one.placement: one for one in weighed if not one.closed}
    if peaks and {"hybrid", "self-hosted", "api"} <= costs.keys():
        yield Reason("cost", _worth(costs["hybrid"], costs["self-hosted"], costs["api"], today=peaks.share > 0))
    yield from why
    if peaks:
        yield peaks.reason


def _worth(hybrid: WeighedPlacement, alone: WeighedPlacement, api: WeighedPlacement, *, today: bool) -> str:
    """The three ways beside each other, over the horizon where nothing overflows yet."""
    ways = (hybrid, alone, api)
    a, b, c = ((one.eur_per_month if today else one.eur_total) or 0 for one in ways)
    when = "a month" if today else "over the horizon"
    base, full = (counted(one.gpus or 0, "GPU") for one in (hybrid, alone))
    return (
        f"{a:,.0f} EUR {when} in all on {base} with peaks at its API; {b:,.0f} on {full} for its whole peak; {c:,.0f} with all of it there"
    )


def _priced(picture: Picture, name: str, option: Option) -> Option:
    """The option with the euros a month it would add, where it is open and its price is known."""
    if not (option.open and picture.priced and name in picture.uses):
        return option
    return replace(option, eur_per_month=month_at(picture, name, option))


def _before(picture: Picture, name: str, option: Option | None, plan: Option | None, peaks: Overflow | None) -> Iterator[str]:
    """What has to be done first."""
    if option is None:
        yield from (f"nothing is open: {one.name}: {one.closed}" for one in picture.subjects[name].left)
        return
    if option.kind == "self-hosted":
        yield from _people(picture)
    if not (option.built or has(picture, option, name)):
        yield _to_build(option, name)
    elif option.kind == "self-hosted" and name in picture.new_models:
        yield f"deploy a model for it (models.{name}); no deployment serves one yet"
    if option.kind == "self-hosted":
        yield from _replicas(picture, name, peaks)
    if peaks and not has(picture, peaks.option, name):
        yield f"for its peaks, {_to_build(peaks.option, name)}"
    if plan is not None and not has(picture, plan, name):
        yield f"build the fallback: {plan.name}"


def _replicas(picture: Picture, name: str, peaks: Overflow | None) -> Iterator[str]:
    """More of them where the environment allows or keeps fewer than machines want; an API that may stand in is its use case's spare."""
    needed = picture.capacities.get(name)
    if needed is None:
        return
    bound = name in picture.bound
    wanted = ceil(needed.replicas * peaks.taken - 1e-9) if peaks else needed.most if bound else needed.replicas
    if wanted > needed.allowed:
        why = f"{peaks.taken:.0%} of the peak" if peaks else f"{needed.replicas} for the peak{f', {needed.why_redundant}' if bound else ''}"
        yield f"allow {wanted} replicas (models.{name}.replicas.max is {needed.allowed}): {why}"
    elif bound and needed.redundant and (running := picture.env.models[name].replicas.min) <= needed.redundant:
        yield f"keep {running + 1} replicas running (models.{name}.replicas.min is {running}), as is priced: {needed.why_redundant}"


def _to_build(option: Option, name: str) -> str:
    if host := api_host(option.api):
        return f"open a route to {host} at the gateway, with its key in the secret store: no stack builds one"
    return f"add it to the environment ({'apis' if option.kind == 'api' else 'models'}.{name})"


def _offers(picture: Picture, name: str) -> Iterator[Option]:
    """Hosted open models that would do, and that the demand does not name; where it says that an open model does."""
    needs, named = picture.subjects[name].needs, {option.api for option in picture.subjects[name].left}
    if needs.capability == "open" and picture.decision.kinds[name] != "self-hosted":
        for option in hosted_open(picture.env, picture.uses.get(name), picture.on):
            if option.api not in named and restricted(option, needs).open:
                yield _priced(picture, name, option)


def _people(picture: Picture) -> Iterator[str]:
    ready, months = (picture.demand.readiness if picture.demand else None), hosting().learning_months
    if picture.team == "none":
        yield "find people who can run it: nobody does so today"
    if ready is not None and ready.gpu_operations is False:
        yield f"plan {months.low:g} to {months.high:g} months of learning: the team has never operated GPUs"
    if ready is not None and ready.on_call is False:
        yield "arrange on-call: nobody answers a page at night"
