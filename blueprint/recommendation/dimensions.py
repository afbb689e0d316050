"""The five dimensions of the inferops article, each with what the inputs and the catalogue say of it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from blueprint.cost.wording import counted, euros, tokens
from blueprint.hosting import provider
from blueprint.recommendation.data import hosting
from blueprint.recommendation.overflow import overflow
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Costs, Dimension, UseCaseAdvice
from blueprint.recommendation.weighing import ON_MACHINES, PEAKS_AT_APIS
from blueprint.workload import Readiness
from blueprint.zones import is_third_country

READINESS = {
    "mlops": "who runs machine learning",
    "platform_engineers": "how many run clusters",
    "kubernetes": "whether they know Kubernetes",
    "gpu_operations": "whether they have operated GPUs",
    "on_call": "whether anybody is on call",
    "can_hire": "whether you can hire",
}


def dimensions(picture: Picture, advices: Sequence[UseCaseAdvice], costs: Costs | None) -> tuple[Dimension, ...]:
    """All five, in the article's order."""
    return (_cost(picture, costs), _performance(picture), _compliance(picture, advices), _readiness(picture), _vendors(picture, advices))


def _cost(picture: Picture, costs: Costs | None) -> Dimension:
    name, question = "Total cost of ownership", f"Which way costs less over {costs.horizon_months if costs else 18} months?"
    if costs is None or costs.recommended is None or costs.recommended_total is None:
        return Dimension(name, question, "unknown: no volumes are given, or the machines have no price", (), ("volume",))
    finding = (
        f"{costs.recommended:,.0f} EUR a month as recommended; all at APIs {costs.all_api:,.0f}, all on machines {euros(costs.all_own)}"
    )
    comparison = picture.comparison
    evidence = [
        f"over {costs.horizon_months} months {costs.recommended_total:,.0f} EUR as recommended; "
        f"all at APIs {costs.all_api_total:,.0f}, all on machines {euros(costs.all_own_total)}",
        *_overflowing(costs),
        f"break-even of this mix at list price: {costs.break_even}",
        f"a million tokens cost {comparison.api_price:,.2f} EUR at list price, {comparison.effective_price:,.2f} effectively",
        *(f"no price is known for {gap}" for gap in costs.gaps),
    ]
    return Dimension(name, question, finding, tuple(evidence), _missing(picture, ("peak_factor", "growth_per_year")))


def _overflowing(costs: Costs) -> Iterator[str]:
    """What APIs for the peaks would save of machines for everything."""
    found = {way.name: way for way in costs.ways}
    less = found[ON_MACHINES].eur_per_month - found[PEAKS_AT_APIS].eur_per_month
    if less >= 1:
        fewer, all_own = found[PEAKS_AT_APIS], found[ON_MACHINES]
        cards = f"{counted(fewer.gpus, 'GPU')} instead of {counted(all_own.gpus, 'GPU')}"
        yield f"all on machines with peaks at APIs {fewer.eur_per_month:,.0f} EUR a month, with {cards}"


def _missing(picture: Picture, inputs: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in inputs if any(name in subject.unknown for subject in picture.subjects.values()))


def _performance(picture: Picture) -> Dimension:
    name, question = "Performance", "Can machines of our own match latency and throughput?"
    needed = picture.capacities
    over = [name for name in needed if overflow(picture, name)]
    short = [name for name, each in needed.items() if each.replicas > each.allowed and name not in over]
    alone = [name for name, each in needed.items() if each.most > each.allowed >= each.replicas and name in picture.bound]
    if not needed:
        return Dimension(name, question, "unknown: no volume is given for any deployment", (), ("volume",))
    said = f"too few replicas are allowed for {', '.join(short)}" if short else "the deployments carry their peaks"
    said += f", {', '.join(alone)} without a spare" if alone else ""
    said += f", the peaks of {', '.join(over)} go to an API" if over else ""
    finding = f"{said}; throughput is {'measured' if all(each.measured for each in needed.values()) else 'a band, nobody measured it'}"
    evidence = [
        f"{each.deployment}: {counted(each.gpus, 'GPU')}, limited by {each.decisive.name}, {each.busy[0]:.1%} to {each.busy[1]:.1%} busy"
        for each in needed.values()
    ]
    evidence += [f"{each.deployment}: {text}" for each in needed.values() for text in each.missed]
    evidence += [
        f"{each}: reading a prompt takes {subject.needs.fastest_ms:,.0f} ms at the card's peak; longer in truth, measure it"
        for each, subject in picture.subjects.items()
        if subject.needs.fastest_ms
    ]
    return Dimension(name, question, finding, tuple(evidence), _missing(picture, ("first_token_ms", "volume")))


def _compliance(picture: Picture, advices: Sequence[UseCaseAdvice]) -> Dimension:
    name, question = "Regulatory compliance", "Which places satisfy our data-protection obligations?"
    said = picture.env.data_residency
    finding = f"{said.data_class} data in zone {said.perimeter}: {_lawful_kinds(advices)}"
    closed = {option.name: option.closed for advice in advices for option in advice.options if option.closed_by == "residency"}
    return Dimension(name, question, finding, tuple(dict.fromkeys(closed.values())), ())


def _lawful_kinds(advices: Sequence[UseCaseAdvice]) -> str:
    """What the law leaves of the kinds of places, told of the use cases it leaves least."""
    lawful = {advice.name: {option.kind for option in advice.options if option.closed_by != "residency"} for advice in advices}
    nowhere = [name for name, kinds in lawful.items() if not kinds]
    bound = [name for name, kinds in lawful.items() if kinds and "api" not in kinds]
    if nowhere:
        return f"nothing here is lawful for {', '.join(nowhere)}"
    if bound:
        return f"none of the APIs named is lawful for {', '.join(bound)}"
    reachable = all(
        any(option.kind == "api" and option.closed_by not in ("residency", "offer") for option in one.options) for one in advices
    )
    return (
        "machines and APIs are both lawful, so it does not decide"
        if reachable
        else "APIs would be lawful, but none is offered beside this cluster"
    )


def _readiness(picture: Picture) -> Dimension:
    name, question = "Operational readiness", "Can the team run what we propose to build?"
    ready, months = (picture.demand.readiness if picture.demand else Readiness()), hosting().learning_months
    unknown = tuple(text for key, text in READINESS.items() if getattr(ready, key) is None)
    gaps = list(_gaps(ready))
    if not picture.own() and not any(kind == "self-hosted" for kind in picture.decision.kinds.values()):
        finding = "nothing is self-hosted, so little has to be run"
    elif gaps:
        finding = f"not yet: {'; '.join(gaps)}"
    else:
        finding = f"unknown: {', '.join(unknown)}" if unknown else "yes, as far as the inputs say"
    evidence = (f"a team that never operated GPUs learns for {months.low:g} to {months.high:g} months ({months.source})",) if gaps else ()
    return Dimension(name, question, finding, evidence, unknown)


def _gaps(ready: Readiness) -> Iterator[str]:
    if ready.mlops == "none":
        yield "nobody runs machine learning"
    if ready.platform_engineers == 0:
        yield "nobody runs clusters"
    if ready.kubernetes is False:
        yield "no Kubernetes skills"
    if ready.gpu_operations is False:
        yield "no experience with GPUs"
    if ready.on_call is False:
        yield "nobody on call"


def _vendors(picture: Picture, advices: Sequence[UseCaseAdvice]) -> Dimension:
    name, question = "Vendor and platform risk", "What happens when the landscape changes?"
    used = Counter[str]()
    for advice in advices:
        for operator in {place.operator for place in (advice.option.places if advice.option else ()) if place.operator}:
            used[operator] += 1
    foreign = _foreign(advices)
    all_at = next((operator for operator, count in used.items() if count == len(advices)), None)
    finding = f"everything is at {all_at}" if all_at else f"spread over {len(used)} operators" if used else "only ourselves"
    finding += f"; {', '.join(foreign)} is under third-country law" if foreign else "; nobody under third-country law"
    return Dimension(name, question, finding, tuple(_risks(picture, advices)), ())


def _foreign(advices: Sequence[UseCaseAdvice]) -> list[str]:
    places = [place for advice in advices if advice.option for place in advice.option.places]
    return sorted({place.operator for place in places if place.jurisdiction and is_third_country(place.jurisdiction)})


def _risks(picture: Picture, advices: Sequence[UseCaseAdvice]) -> Iterator[str]:
    at_apis = [advice for advice in advices if advice.placement == "api"]
    if at_apis:
        volume = sum(advice.tokens_per_month or 0 for advice in at_apis)
        names = ", ".join(advice.name for advice in at_apis)
        yield f"prices and models of {names}{f' ({tokens(volume)} tokens a month)' if volume else ''} are the provider's to change"
        if picture.demand is not None and picture.uses:
            figure = picture.money("self-hosted").case.assumptions["api_decline_per_year"]
            span = f"{figure.low:.0%}" if figure.low == figure.high else f"{figure.low:.0%} to {figure.high:.0%}"
            yield f"API prices fall by {span} a year ({figure.source})"
    service = hosting().managed.get(provider(picture.env).name)
    if service is not None and any(advice.placement == "managed" for advice in advices):
        yield f"{service.label} ties: {service.ties} ({service.source})"
    yield "applications call the gateway's OpenAI-compatible endpoint: moving a use case does not change them"
