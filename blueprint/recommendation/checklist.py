"""The nine-point checklist of the break-even article, answered from the inputs. What nobody said is unknown, never yes."""

from collections.abc import Sequence

from blueprint.recommendation.data import hosting
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Answered, ChecklistAnswer, Costs, UseCaseAdvice
from blueprint.workload import Readiness


def checklist(picture: Picture, advices: Sequence[UseCaseAdvice], costs: Costs | None) -> tuple[ChecklistAnswer, ...]:
    """All nine, in the article's order and words."""
    ready = picture.demand.readiness if picture.demand else Readiness()
    return (
        _point("Inference spend on APIs is at least EUR 5,000 to 10,000 a month?", *_spend(picture, costs)),
        _point("Workload is steady and predictable?", *_steady(picture)),
        _point("Team has or can hire MLOps and inference expertise?", *_expertise(ready)),
        _point("An open model exists at adequate quality?", *_quality(picture)),
        _point("Latency requirements are compatible with self-hosting?", *_latency(picture)),
        _point("Detailed cost math done, operations included?", *_math(picture, costs)),
        _point("Have a fallback plan?", *_plans(advices)),
        _point("Compliance does not mandate one path?", *_free(advices)),
        _point("Will you revisit quarterly?", *_revisit(ready)),
    )


Found = tuple[Answered, str]


def _point(question: str, answer: Answered, why: str) -> ChecklistAnswer:
    return ChecklistAnswer(question, answer, why)


def _known(value: bool | None, yes: str, no: str, unknown: str) -> Found:
    if value is None:
        return "unknown", unknown
    return ("yes", yes) if value else ("no", no)


def _spend(picture: Picture, costs: Costs | None) -> Found:
    least = hosting().spend_eur_per_month.low
    if costs is None:
        return "unknown", "no volumes are given (demand file)"
    if costs.bill is not None:
        listed = f"; at list price the same tokens are {costs.all_api:,.0f}" if costs.bill > 3 * costs.all_api else ""
        return _known(costs.bill >= least, f"the bill is {costs.bill:,.0f} EUR{listed}", f"the bill is {costs.bill:,.0f} EUR", "")
    factor = picture.money("self-hosted").case.assumptions["api_factor"].high
    if costs.all_api < least <= costs.all_api * factor:
        return (
            "unknown",
            f"list price {costs.all_api:,.0f} EUR, with overhead at most {costs.all_api * factor:,.0f}: give bill_eur_per_month",
        )
    silent = [name for name in picture.subjects if name not in picture.uses]
    if silent and costs.all_api < least:
        return "unknown", f"no volume is given for {', '.join(silent)}"
    return _known(costs.all_api >= least, f"list price is {costs.all_api:,.0f} EUR", f"list price is {costs.all_api:,.0f} EUR", "")


def _steady(picture: Picture) -> Found:
    silent = [name for name, subject in picture.subjects.items() if {"volume", "peak_factor"} & {*subject.unknown}]
    if not picture.uses or picture.demand is None:
        return "unknown", "no volumes are given (demand file)"
    hours, most = picture.demand.hours_per_month, hosting().spiky.value
    mean = sum(use.tokens(hours).total for use in picture.uses.values()) / (3600 * hours)
    ratio = sum(use.peak_tokens_per_second(hours) for use in picture.uses.values()) / mean if mean else 1.0
    if ratio >= most:
        return "no", f"the busiest minute is {ratio:,.3g} times the mean of the month, quiet hours included"
    if silent:
        return "unknown", f"no volume or no peak_factor is given for {', '.join(silent)}"
    return "yes", f"the busiest minute is {ratio:,.3g} times the mean of the month; {most:g} would be spiky"


def _expertise(ready: Readiness) -> Found:
    if ready.mlops == "dedicated":
        return "yes", "a dedicated team (readiness.mlops)"
    if ready.can_hire:
        return "yes", "it can be hired (readiness.can_hire)"
    if ready.mlops is None or ready.can_hire is None:
        missing = [name for name in ("mlops", "can_hire") if getattr(ready, name) is None]
        return "unknown", f"give readiness.{' and readiness.'.join(missing)}"
    limited = ready.mlops == "limited" and ready.gpu_operations is True
    return _known(limited, "limited, but it has operated GPUs", f"the team is {ready.mlops}, and nobody can be hired", "")


def _quality(picture: Picture) -> Found:
    said = {name: subject.needs.capability for name, subject in picture.subjects.items()}
    frontier, silent = ([name for name, one in said.items() if one == value] for value in ("frontier", None))
    if frontier:
        return "no", f"{', '.join(frontier)} needs a frontier model"
    if silent:
        return "unknown", f"nobody said so of {', '.join(silent)} (capability); test on your own cases"
    return "yes", "the demand says so of every use case (capability: open)"


def _latency(picture: Picture) -> Found:
    goals = {name: subject.needs for name, subject in picture.subjects.items()}
    impossible = [name for name, needs in goals.items() if needs.first_token_ms is not None and needs.first_token_ms < needs.fastest_ms]
    if impossible:
        return "no", f"{', '.join(impossible)}: reading the prompt alone takes longer on the card"
    silent = [name for name, needs in goals.items() if needs.first_token_ms is None]
    if silent:
        return "unknown", f"no goal is given for {', '.join(silent)} (first_token_ms)"
    typical = hosting().own_first_token_ms
    strict = [name for name, needs in goals.items() if (needs.first_token_ms or 0) < typical.high]
    if strict:
        return "unknown", f"{', '.join(strict)} wants less than {typical.high:g} ms, the upper end of what is typical: measure"
    return "yes", f"every goal is at or above {typical.high:g} ms, the upper end of what is typical ({typical.source})"


def _math(picture: Picture, costs: Costs | None) -> Found:
    if costs is None or costs.recommended is None:
        return "no", "volumes or prices are missing"
    if costs.gaps:
        return "no", f"no price is known for {', '.join(costs.gaps)}"
    assert picture.demand is not None
    own = len(picture.demand.assumptions)
    return "yes", f"people, set-up, monitoring and security are in it; {own} of the assumptions are yours, the others published ones"


def _plans(advices: Sequence[UseCaseAdvice]) -> Found:
    nowhere = [advice.name for advice in advices if advice.placement == "none"]
    if nowhere:
        return "no", f"{', '.join(nowhere)} may not be served anywhere yet"
    weak = [advice.name for advice in advices if not advice.fallback.separate]
    unbuilt = [advice.name for advice in advices if advice.fallback.separate and not advice.fallback.built]
    if weak or unbuilt:
        said = [f"{', '.join(weak)}: only more of the same place"] if weak else []
        return "no", "; ".join([*said, *([f"{', '.join(unbuilt)}: planned, not built"] if unbuilt else [])])
    return "yes", "every use case has a second place, allowed for its data"


def _free(advices: Sequence[UseCaseAdvice]) -> Found:
    bound = [advice.name for advice in advices if len({option.kind for option in advice.options if option.closed_by != "residency"}) < 2]
    return _known(not bound, "more than one kind of place is lawful for every use case", f"it does for {', '.join(bound)}", "")


def _revisit(ready: Readiness) -> Found:
    said = "readiness.quarterly_review"
    return _known(ready.quarterly_review, f"promised ({said})", f"not planned ({said})", f"give {said}")
