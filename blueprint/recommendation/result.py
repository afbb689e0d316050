"""What a recommendation says: plain values, complete enough to print, draw or judge without asking again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from blueprint.places import Place

Kind = Literal["self-hosted", "managed", "api"]
Placement = Literal["self-hosted", "managed", "api", "hybrid", "none"]
Stage = Literal["residency", "offer", "stated", "capability", "frozen model", "latency", "cost", "readiness", "vendor risk"]
Team = Literal["none", "limited", "dedicated", "unknown"]
TEAMS: tuple[Team, ...] = ("none", "limited", "dedicated")

# offer: nobody sells it there, or the environment cannot reach it. stated: whoever wrote the demand decided it.
# firm: nothing that is unknown could move it. likely: all is known, and costs are near each other. provisional: an answer that
# is missing could move it.
Confidence = Literal["firm", "likely", "provisional"]
CONFIDENCES: tuple[Confidence, ...] = ("provisional", "likely", "firm")

# yes and no are answered by inputs or computed; unknown is never taken for yes.
Answered = Literal["yes", "no", "unknown"]


@dataclass(frozen=True)
class Option:
    """One place a use case could go to. `closed` says why it may not, empty where it may; `law` is the matrix's basis for either;
    `missing` are conditions that would open it; `built` is whether the environment has it already; `api` is the hosted model
    (`azure-openai/gpt-5.4`); `eur_per_month` is what it would add to what all others cost."""

    kind: Kind
    name: str
    places: tuple[Place, ...]
    closed: str
    closed_by: Stage | None
    law: str
    missing: tuple[str, ...] = ()
    built: bool = False
    api: str = ""
    eur_per_month: float | None = None

    @property
    def open(self) -> bool:
        """Whether the use case may go there."""
        return not self.closed


@dataclass(frozen=True)
class Reason:
    """Why, in one sentence, and which step of the decision it belongs to."""

    stage: Stage
    text: str


@dataclass(frozen=True)
class Fallback:
    """Where requests go when the recommended place fails or is full. `separate`: it does not fail together with it. `option` None:
    more of the same place."""

    text: str
    option: Option | None
    separate: bool
    built: bool


@dataclass(frozen=True)
class Change:
    """What would move a use case elsewhere: an input, the value it would take, and where the use case would go then. `times` is how many
    times today's volume that is, where it is the volume."""

    what: str
    placement: Placement
    times: float | None = None


@dataclass(frozen=True)
class Fit:
    """A model on a card, by our sizing: `gpus` of them for one replica, which holds `requests` of `context_tokens`."""

    gpu: str
    gpus: int
    verdict: str
    requests: float
    context_tokens: int


@dataclass(frozen=True)
class ModelAdvice:
    """An open model for a workload, with the catalogue's facts. `note` says where a published requirement does not hold."""

    workload: str
    model: str
    label: str
    format: str
    licence: str
    max_context_tokens: int | None
    why: str
    fit: Fit | None
    note: str
    source: str


@dataclass(frozen=True)
class Heuristic:
    """What a named rule of thumb says of the same use case, and why ours says something else."""

    name: str
    says: str
    agrees: bool
    because: str


@dataclass(frozen=True)
class WeighedPlacement:
    """A use case so placed and all others as recommended: cards of our own to begin with, euros of everything together in the first month
    and over the horizon, and of a hybrid the share of its tokens that overflows today. `closed` says why it may not be, or is none."""

    placement: Placement
    gpus: float | None = None
    eur_per_month: float | None = None
    eur_total: float | None = None
    overflow_share: float | None = None
    closed: str = ""
    chosen: bool = False


@dataclass(frozen=True)
class WayCost:
    """All use cases placed in one way: cards of our own to begin with, euros of the first month, those of them for tokens that overflow,
    and over the horizon. `barred` are use cases that may not be placed so."""

    name: str
    gpus: float
    eur_per_month: float
    overflow_eur_per_month: float
    eur_total: float
    barred: tuple[str, ...]


@dataclass(frozen=True)
class UseCaseAdvice:
    """Where one use case should run. `before` must be done first; `unknown` are inputs nobody gave; `cheaper_on_machines` is how often
    machines cost less for it than its API (None: no choice by cost); `offers` are hosted open models it could be at, too; `weighed` are
    all placements with what everything costs then."""

    name: str
    data_class: str
    placement: Placement
    where: str
    confidence: Confidence
    reasons: tuple[Reason, ...]
    option: Option | None
    overflow: Option | None
    fallback: Fallback
    changes: tuple[Change, ...]
    before: tuple[str, ...]
    options: tuple[Option, ...]
    models: tuple[ModelAdvice, ...]
    heuristic: Heuristic
    unknown: tuple[str, ...]
    tokens_per_month: float | None
    eur_per_month: float | None
    cheaper_on_machines: float | None
    offers: tuple[Option, ...] = ()
    weighed: tuple[WeighedPlacement, ...] = ()

    @property
    def apart(self) -> float | None:
        """Euros a month of its own, beside machines it shares: tokens at an API, also those of peaks, or an endpoint."""
        if self.placement == "hybrid":
            return self.overflow.eur_per_month if self.overflow else None
        return None if self.placement == "self-hosted" else self.eur_per_month


@dataclass(frozen=True)
class Dimension:
    """One of the five dimensions of the inferops article: its question, the answer, and the figures it rests on."""

    name: str
    question: str
    finding: str
    evidence: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class ChecklistAnswer:
    """One of the nine points of the break-even article, answered from the inputs."""

    question: str
    answer: Answered
    why: str


@dataclass(frozen=True)
class Mistake:
    """A common mistake this case runs into, and what shows it."""

    name: str
    why: str
    source: str


@dataclass(frozen=True)
class Contradiction:
    """A published figure beside ours, in one sentence with both numbers. `claim` is its id in `blueprint cost claims`."""

    claim: str
    topic: str
    text: str


@dataclass(frozen=True)
class Costs:
    """Euros a month and over the horizon. `recommended` and the others are first months; None where something has no price. `redundancy`
    is the part of `recommended` for machines that stand by for one that fails."""

    recommended: float | None
    all_api: float
    all_own: float | None
    bill: float | None
    horizon_months: int
    recommended_total: float | None
    all_api_total: float
    all_own_total: float | None
    break_even: str
    gaps: tuple[str, ...]
    ways: tuple[WayCost, ...] = ()
    redundancy: float = 0.0


@dataclass(frozen=True)
class Review:
    """When to decide again, and why then."""

    on: date
    because: str


@dataclass(frozen=True)
class Recommendation:
    """The whole answer, `answer` first; `ask_next` are the missing inputs that could move something, most consequential first."""

    environment: str
    on: date
    zone: str
    answer: tuple[str, ...]
    use_cases: tuple[UseCaseAdvice, ...]
    dimensions: tuple[Dimension, ...]
    checklist: tuple[ChecklistAnswer, ...]
    mistakes: tuple[Mistake, ...]
    contradictions: tuple[Contradiction, ...]
    heuristics: tuple[Heuristic, ...]
    costs: Costs | None
    review: Review
    ask_next: tuple[str, ...]
    team: Team
    tokens_per_month: Mapping[str, float]
