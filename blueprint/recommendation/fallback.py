"""Where requests go when the recommended place fails or is full. Only what is open to the use case's data is ever named."""

from collections.abc import Iterator

from blueprint.recommendation.options import elsewhere
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Fallback, Kind, Option

NOWHERE = Fallback("nothing: it may not be served anywhere yet", None, separate=False, built=False)


def fallback(picture: Picture, name: str, kind: Kind | None) -> Fallback:
    """The plan for a use case that is at a kind of place: what fails least together with it."""
    option = picture.option(name, kind) if kind else None
    if option is None:
        return NOWHERE
    plan = next(_plans(picture, name, option), None)
    if plan is None:
        return _more_of_the_same(picture, name, option)
    built = has(picture, plan, name)
    return Fallback(f"{plan.name}{'' if built else ' (planned, not built)'}; it may be there: {plan.law}", plan, separate=True, built=built)


def _plans(picture: Picture, name: str, option: Option) -> Iterator[Option]:
    """Open places beside the recommended one. Machines only where the plan has some anyway: standing by, they would cost the floor."""
    left = [one for one in picture.subjects[name].left if one.open]
    others = [one for one in left if one.kind != option.kind]
    if option.kind == "api":
        served = any(kind == "self-hosted" for kind in picture.decision.kinds.values())
        yield from (one for one in others if one.kind == "self-hosted" and served)
        there = elsewhere(picture.env, picture.uses.get(name), option, picture.on)
        yield from [there] if there else []
        yield from (one for one in left if one.kind == "api" and _service(one) != _service(option))
    else:
        yield from (one for one in others if one.kind == "api")
    yield from (one for one in others if one.kind == "managed")
    yield from (one for one in others if one.kind == "self-hosted")


def _service(option: Option) -> str:
    return option.api.partition("/")[0]


def has(picture: Picture, option: Option, name: str) -> bool:
    """Whether the plan has an option: for this use case, or for another one whose place it could share."""
    if option.kind == "api":
        return option.built
    others = (kind for other, kind in picture.decision.kinds.items() if other != name)
    return option.kind in others or (option.built and option.kind == picture.decision.kinds[name])


def _more_of_the_same(picture: Picture, name: str, option: Option) -> Fallback:
    if option.kind == "api":
        return Fallback("a queue: nothing else may serve it", None, separate=False, built=False)
    deployment = picture.env.models.get(name)
    spare = deployment is not None and deployment.replicas.max > max(1, deployment.replicas.min)
    text = "one replica more on another machine of the same place, then a queue: nothing else may serve it"
    return Fallback(text, None, separate=False, built=spare)
