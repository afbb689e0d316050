"""How sure a decision is, and which missing answers could move it."""

from dataclasses import replace

from blueprint.recommendation.decision import Subject
from blueprint.recommendation.needs import Needs
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import CONFIDENCES, Confidence, Kind, Team
from blueprint.recommendation.subjects import NEEDS

CERTAIN = 0.95  # of draws agree: no longer a question of cost


def confidence(picture: Picture, name: str) -> Confidence:
    """How sure the decision about a use case is: as sure as the least sure of all ways the unknown could turn out, and provisional
    where those disagree. So one answer more can only make it surer."""
    subject = picture.subjects[name]
    if _fixed(subject, picture.team) and not subject.rivals():
        return "firm"
    if not picture.priced or picture.costs_unknown or picture.scenarios is None:
        return "provisional"
    if len({decision.kinds[name] for decision in picture.scenarios}) > 1:
        return "provisional"
    grades = [_by_share(decision.shares.get(name)) for decision in picture.scenarios]
    best: Confidence = "likely" if subject.rivals() else "firm"
    return min([best, *grades], key=CONFIDENCES.index)


def moving(picture: Picture, name: str) -> frozenset[str]:
    """The missing inputs that could move a use case: needs that open or close a kind of place, the team where it chooses between
    machines and endpoints, and volumes where cost decides."""
    subject = picture.subjects[name]
    turns = subject.turns()
    needs = {key for key in NEEDS if key in subject.unknown and _decides(subject, key)}
    by_cost = any(one.settled() == "either" for one in turns) or subject.rivals()
    by_team = picture.team == "unknown" and any({"self-hosted", "managed"} <= one.kinds() for one in turns)
    return frozenset(needs | ({*subject.unknown} - {*NEEDS} if by_cost else set()) | ({"team"} if by_team else set()))


def _fixed(subject: Subject, team: Team) -> bool:
    """Whether a use case goes to one kind of place whatever anything costs and however its unknown needs turn out."""
    ways = {_way(turn, team) for turn in subject.turns()}
    return len(ways) == 1 and None not in ways


def _way(subject: Subject, team: Team) -> str | None:
    """Where a use case goes whatever anything costs; None: that depends on cost, or on a team nobody has described."""
    settled = subject.settled()
    if settled == "own":
        return None if {"self-hosted", "managed"} <= subject.kinds() and team == "unknown" else settled
    return None if settled == "either" else settled


def _by_share(share: float | None) -> Confidence:
    """How sure a choice by cost is; what was none is sure."""
    return "firm" if share is None or share >= CERTAIN or share <= 1 - CERTAIN else "likely"


def _decides(subject: Subject, key: str) -> bool:
    """Whether a need opens or closes a kind of place, whatever the other unknown ones turn out to be."""
    others: dict[Needs, set[frozenset[Kind]]] = {}
    for needs in subject.needs.completions():
        others.setdefault(needs.without(key), set()).add(replace(subject, needs=needs).kinds())
    return any(len(kinds) > 1 for kinds in others.values()) or (key == "capability" and subject.settled() == "either")
