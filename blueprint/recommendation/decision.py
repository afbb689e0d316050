"""Which kind of place each use case takes: what only one kind may serve is settled by that, the rest by cost.

Nothing here looks at the price of machines but `shares`: whether machines are ours or somebody's endpoint is a question of who may and
who can run them.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from blueprint.recommendation.data import hosting
from blueprint.recommendation.needs import Needs, restricted
from blueprint.recommendation.result import Kind, Option, Team

Settled = Literal["own", "api", "either", "none"]
Family = Literal["self-hosted", "managed"]
Shares = Callable[[Family, Collection[str], Collection[str]], Mapping[str, float]]


@dataclass(frozen=True)
class Subject:
    """A use case as the decision sees it: options as the law leaves them, needs, and inputs the cost of it rests on that are missing."""

    name: str
    options: tuple[Option, ...]
    needs: Needs
    unknown: tuple[str, ...] = ()

    @cached_property
    def left(self) -> tuple[Option, ...]:
        """The options as the needs leave them, too."""
        return tuple(restricted(option, self.needs) for option in self.options)

    def kinds(self) -> frozenset[Kind]:
        """The kinds that are open."""
        return frozenset(option.kind for option in self.left if option.open)

    def settled(self) -> Settled:
        """What the open options leave to decide."""
        kinds = self.kinds()
        if not kinds:
            return "none"
        if kinds == {"api"}:
            return "api"
        return "either" if "api" in kinds else "own"

    def weighed(self) -> bool:
        """Whether cost may move it off its API: an open model that nobody called good enough is not taken for one that is."""
        return self.settled() == "either" and self.needs.capability == "open"

    def lawful_api(self) -> str | None:
        """The hosted model its tokens are priced by: the first the law leaves open, whatever it needs, so that costs do not depend on
        needs."""
        return next((option.api for option in self.options if option.open and option.kind == "api"), None)

    def turns(self) -> list["Subject"]:
        """The use case as its unknown needs could turn out, as far as that opens other kinds of places."""
        each = [replace(self, needs=needs) for needs in self.needs.completions()]
        return list({one.kinds(): one for one in each}.values())

    def rivals(self) -> bool:
        """Whether an endpoint the environment has already competes with machines of our own."""
        return "self-hosted" in self.kinds() and any(one.open and one.built and one.kind == "managed" for one in self.left)


@dataclass(frozen=True)
class Decision:
    """Whose machines, the kind of place of each use case (None: nowhere), and how often machines cost less for it."""

    family: Family
    kinds: Mapping[str, Kind | None]
    shares: Mapping[str, float]


def decide(subjects: Collection[Subject], team: Team, shares: Shares | None) -> Decision:
    """The kinds of all use cases. Without `shares` (no volumes, or no prices) what could go either way stays at its API."""
    family = _family(subjects, team)
    kept = [subject.name for subject in subjects if subject.settled() == "own"]
    movable = [subject.name for subject in subjects if subject.weighed()]
    found = shares(family, kept, movable) if shares and movable else {}
    return Decision(family, {subject.name: _kind(subject, family, found) for subject in subjects}, found)


def _family(subjects: Collection[Subject], team: Team) -> Family:
    """Whose machines the environment's models run on. Where some must run on our own models there is a platform to join; where none
    must, a team that has nobody to run one takes endpoints (the hosting primer's rule)."""
    forced = [subject for subject in subjects if subject.settled() == "own"]
    able = [subject for subject in subjects if subject.settled() in ("own", "either")]
    if not all("managed" in subject.kinds() for subject in forced or able) or not able:
        return "self-hosted"
    if not all("self-hosted" in subject.kinds() for subject in forced):
        return "managed"
    return "managed" if team == "none" or (team == "limited" and not forced) else "self-hosted"


def _kind(subject: Subject, family: Family, shares: Mapping[str, float]) -> Kind | None:
    kinds, settled = subject.kinds(), subject.settled()
    if settled == "none":
        return None
    if settled == "api" or (settled == "either" and shares.get(subject.name, 0.0) < hosting().clearly.value):
        return "api"
    return family if family in kinds else "managed" if "managed" in kinds else "self-hosted"
