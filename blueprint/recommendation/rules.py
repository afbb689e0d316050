"""The hosting primer's rule beside our decision: what it says of a use case, and why ours says something else where it does."""

from blueprint.cost.heuristics import Hosting, Sensitivity, primer_rule
from blueprint.cost.wording import tokens
from blueprint.matrix import PERSONAL, DataClass
from blueprint.recommendation.result import Heuristic, Placement, Reason, Team

NAME = "hosting primer's rule"
DAYS_PER_MONTH = 30
SAME: dict[Placement, tuple[Hosting, ...]] = {
    "self-hosted": ("self-hosted",),
    "hybrid": ("self-hosted",),
    "managed": ("cloud-managed",),
    "api": ("api-inference",),
    "none": (),
}


def primer(volume: float | None, data_class: DataClass, team: Team, placement: Placement, decisive: Reason | None) -> Heuristic:
    """What the rule says of a use case. It looks at data class, volume and team; never at prices, nor at where an API processes."""
    if volume is None:
        return Heuristic(NAME, "nothing, without a volume", agrees=False, because="no volume is given")
    answers = (
        [_answer(volume, data_class, one) for one in ("limited", "dedicated")] if team == "unknown" else [_answer(volume, data_class, team)]
    )
    says = " or ".join(dict.fromkeys(answers)) + (" (by team, which is unknown)" if len({*answers}) > 1 else "")
    agrees = all(answer in SAME[placement] for answer in answers)
    basis = f"{_sensitivity(data_class)} data, {tokens(volume)} tokens a month"
    if agrees or decisive is None:
        return Heuristic(NAME, says, agrees, f"it sees {basis}")
    return Heuristic(NAME, says, agrees, f"it sees {basis}; ours: {decisive.text}")


def _answer(volume: float, data_class: DataClass, team: Team) -> Hosting:
    return primer_rule(volume / DAYS_PER_MONTH, 1, _sensitivity(data_class), "limited" if team == "unknown" else team).answer


def _sensitivity(data_class: DataClass) -> Sensitivity:
    """The primer's three grades: regulated is what may not leave a boundary."""
    if data_class in PERSONAL:
        return "regulated"
    return "public" if data_class == "public" else "internal"
