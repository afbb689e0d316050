"""The advice for one use case: where, why, what would move it, and what happens when that place fails."""

from collections.abc import Iterator
from dataclasses import replace

from blueprint.recommendation.certainty import confidence
from blueprint.recommendation.changes import changes
from blueprint.recommendation.data import hosting
from blueprint.recommendation.fallback import fallback, has
from blueprint.recommendation.needs import restricted
from blueprint.recommendation.options import api_host, data_class_of, hosted_open
from blueprint.recommendation.overflow import overflow
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.reasons import reasons
from blueprint.recommendation.result import Option, Placement, UseCaseAdvice
from blueprint.recommendation.rules import primer


def advice(picture: Picture, name: str) -> UseCaseAdvice:
    """Everything about one use case; the first reason is what decided."""
    kind, use = picture.decision.kinds[name], picture.uses.get(name)
    option = picture.option(name, kind) if kind else None
    peaks = overflow(picture, name)
    placement: Placement = "hybrid" if peaks else kind or "none"
    why, plan = (*reasons(picture, name), *([peaks.reason] if peaks else [])), fallback(picture, name, kind)
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
        before=tuple(_before(picture, name, option, plan.option)),
        options=options,
        models=picture.models[name],
        heuristic=primer(volume, data_class, picture.team, placement, next(iter(why), None)),
        unknown=picture.subjects[name].unknown,
        tokens_per_month=volume,
        eur_per_month=next((one.eur_per_month for one in options if option and one.name == option.name), None),
        cheaper_on_machines=picture.decision.shares.get(name),
        offers=tuple(_offers(picture, name)),
    )


def _priced(picture: Picture, name: str, option: Option) -> Option:
    """The option with the euros a month it would add, where it is open and its price is known."""
    if not (option.open and picture.priced and name in picture.uses):
        return option
    return replace(option, eur_per_month=picture.month_at(name, option))


def _before(picture: Picture, name: str, option: Option | None, plan: Option | None) -> Iterator[str]:
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
    needed = picture.capacities.get(name)
    if option.kind == "self-hosted" and needed is not None and needed.most > needed.allowed:
        bound = f"models.{name}.replicas.max is {needed.allowed}"
        yield f"allow {needed.most} replicas ({bound}): {needed.replicas} for the peak, {needed.why_redundant}"
    if plan is not None and not has(picture, plan, name):
        yield f"build the fallback: {plan.name}"


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
