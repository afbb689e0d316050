"""What would move a use case: every input at its other values, every missing condition declared, every volume and price tried."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from blueprint.conditions import conditions
from blueprint.cost.wording import factor, tokens
from blueprint.recommendation.crossing import crossing, least, others_on_machines, over, pays, weighed
from blueprint.recommendation.data import hosting
from blueprint.recommendation.decision import Subject
from blueprint.recommendation.money import Money
from blueprint.recommendation.needs import Needs
from blueprint.recommendation.overflow import overflow
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Change, Kind, Placement
from blueprint.recommendation.varied import dearer, grown, peaked

MOST_PRICE = 10  # times today's: beyond it nobody plans by it
MOST_PEAK = 100  # times the mean: beyond it nobody plans machines


def changes(picture: Picture, name: str) -> tuple[Change, ...]:
    """All that would move a use case, hard needs first."""
    found = [*_by_needs(picture, name), *_by_team(picture, name), *_by_conditions(picture, name)]
    found += [*_by_volume(picture, name), *_by_peaks(picture, name)]
    return tuple(dict.fromkeys(found))


def _by_needs(picture: Picture, name: str) -> Iterator[Change]:
    for what, needs in _other_needs(picture.subjects[name].needs):
        yield from _if(picture, name, replace(picture.subjects[name], needs=needs), what)


def _other_needs(needs: Needs) -> Iterator[tuple[str, Needs]]:
    tight = hosting().api_first_token_ms.low
    if needs.capability != "frontier":
        yield "it needs a frontier model", replace(needs, capability="frontier")
    if needs.capability != "open":
        yield "an open model is good enough", replace(needs, capability="open")
    if not needs.frozen_model:
        yield "its weights must not change unless we change them", replace(needs, frozen_model=True)
    if needs.frozen_model:
        yield "a provider may change its model", replace(needs, frozen_model=False)
    if needs.first_token_ms is None or needs.first_token_ms >= tight:
        yield f"its first token must come in less than {tight:g} ms", replace(needs, first_token_ms=tight / 2)
    if needs.first_token_ms is not None:
        yield "its first token may take longer", replace(needs, first_token_ms=None)
    if needs.placement != "any":
        yield "it need not be where the demand puts it", replace(needs, placement="any")


def _by_team(picture: Picture, name: str) -> Iterator[Change]:
    said = {
        "none": "nobody runs machine learning",
        "limited": "a few people do so beside other work",
        "dedicated": "a team does nothing else",
    }
    for team, decision in picture.by_team.items():
        if team != picture.team and decision.kinds[name] != picture.decision.kinds[name]:
            yield Change(said[team], _placement(decision.kinds[name]))


def _by_conditions(picture: Picture, name: str) -> Iterator[Change]:
    """Options that only lack the same declarations, opened together."""
    subject = picture.subjects[name]
    for missing in dict.fromkeys(option.missing for option in subject.options if option.missing):
        opened = tuple(replace(one, closed="", closed_by=None) if one.missing == missing else one for one in subject.options)
        what = f"you declare {' and '.join(conditions()[one].what for one in missing)}"
        yield from _if(picture, name, replace(subject, options=opened), what)


def _if(picture: Picture, name: str, subject: Subject, what: str) -> Iterator[Change]:
    kind = picture.decided({**picture.subjects, name: subject}, picture.team).kinds[name]
    stops = name in picture.spill and not subject.weighed() and overflow(picture, name)
    if kind != picture.decision.kinds[name] or stops:
        yield Change(what, _placement(kind))


def _placement(kind: Kind | None) -> Placement:
    return kind or "none"


def _by_volume(picture: Picture, name: str) -> Iterator[Change]:
    """Where cost decides: the volume and the API's price at which the other way costs as much."""
    if not weighed(picture, name):
        return
    decision, money, spill = picture.decision, picture.money(picture.decision.family), picture.spill_with(name)
    others, at_api = others_on_machines(picture, name), money.total([], [name])
    if decision.kinds[name] == "api" and pays(money, name, others, spill):
        clearly, placed = hosting().clearly.value, "hybrid" if over(money, name, others, spill) else decision.family
        if decision.shares[name] < clearly:
            yield Change(f"machines cost less for it in {clearly:.0%} of draws, not in {decision.shares[name]:.0%}", placed)
    elif decision.kinds[name] == "api":
        yield _volume(picture, name, crossing(picture, name))
        times = least(lambda by: pays(dearer(money, name, by), name, others, spill)) if at_api else None
        if times is not None:
            placed = "hybrid" if over(dearer(money, name, times), name, others, spill) else decision.family
            yield Change(f"its API costs {factor(times)} times as much", placed)
    elif at_api and not overflow(picture, name):
        joining = money.total([*others, name], (), spill) - money.total(others, (), spill)
        yield Change("its API costs nothing" if joining <= 0 else f"its API costs {joining / at_api:.0%} of what it does", "api")


def _volume(picture: Picture, name: str, times: float | None) -> Change:
    if times is None:
        return Change("never by volume alone: its tokens cost less at the API than on machines that are full", "api")
    money = grown(picture.money(picture.decision.family), name, times)
    overflows = over(money, name, others_on_machines(picture, name), picture.spill_with(name))
    said = f"its volume is {tokens(money.uses[name].tokens.total)} tokens a month, {factor(times)} times as much"
    return Change(said, "hybrid" if overflows else picture.decision.family, times)


def _by_peaks(picture: Picture, name: str) -> Iterator[Change]:
    """Where an API may take peaks: its price, and how high they are today, from which another way costs less."""
    if name not in picture.spill:
        return
    own, money = [each for each, kind in picture.decision.kinds.items() if kind == "self-hosted"], picture.money("self-hosted")

    def share(found: Money) -> float:
        return found.plan(own, picture.spill, 1).shares[name]

    if share(money):
        yield from _from_hybrid(money.uses[name].peak_factor, name, money, share)
    elif not overflow(picture, name):
        times = least(lambda by: share(peaked(money, name, by)) > 0)
        if times is not None and times * money.uses[name].peak_factor <= MOST_PEAK:
            yield Change(f"its busiest minute is {times * money.uses[name].peak_factor:,.3g} times its mean", "hybrid")


def _from_hybrid(peak: float, name: str, money: Money, share: Callable[[Money], float]) -> Iterator[Change]:
    times = least(lambda by: share(dearer(money, name, by)) == 0)
    if times is not None and times <= MOST_PRICE:
        yield Change(f"its API costs {factor(times)} times as much", "self-hosted")
    if (times := least(lambda by: share(dearer(money, name, 1 / by)) > 1 - hosting().carried.value)) is not None:
        yield Change(f"its API costs {1 / times:.0%} of what it does", "api")
    times = least(lambda by: share(peaked(money, name, 1 / by)) == 0)
    if times is not None and times <= peak:
        yield Change(f"its busiest minute is {peak / times:,.3g} times its mean", "self-hosted")
