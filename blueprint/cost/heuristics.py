"""Published rules of thumb, kept under their names beside the cost model, so that one sees where they disagree with it."""

from dataclasses import dataclass
from typing import Literal

Team = Literal["none", "limited", "dedicated"]
Sensitivity = Literal["public", "internal", "regulated"]
Hosting = Literal["api-inference", "self-hosted", "cloud-managed"]

DAYS_PER_MONTH = 30
TEAMS: tuple[Team, Team] = ("limited", "dedicated")


@dataclass(frozen=True)
class Suggestion:
    """What a rule says, and the volume it says it of."""

    monthly_tokens: float
    answer: Hosting


def primer_rule(daily_requests: float, avg_tokens_per_request: float, data_sensitivity: Sensitivity, team: Team) -> Suggestion:
    """The hosting primer's `recommend_hosting`: regulated data first, then volume, in the middle the team. It never looks at prices,
    and takes a latency it does not use; its bounds (500 million, 5 billion tokens a month) belong to the middle."""
    tokens = daily_requests * avg_tokens_per_request * DAYS_PER_MONTH
    return Suggestion(tokens, _primer_answer(tokens, data_sensitivity, team))


def primer_volume(monthly_tokens: float) -> str:
    """The rule's answer by volume alone, data that is not regulated: without and with a dedicated team where they differ."""
    without, dedicated = (_primer_answer(monthly_tokens, "internal", team) for team in TEAMS)
    return without if without == dedicated else f"{without}, {dedicated} with a dedicated team"


def _primer_answer(tokens: float, data_sensitivity: Sensitivity, team: Team) -> Hosting:
    if data_sensitivity == "regulated":
        return "cloud-managed" if team == "none" else "self-hosted"
    if tokens < 500e6:
        return "api-inference"
    if team == "dedicated":
        return "self-hosted"
    return "cloud-managed" if tokens > 5e9 else "api-inference"


def spend_rule(api_eur_per_month: float) -> Literal["stay", "consider", "worth considering"]:
    """The break-even article's threshold: below 5,000 euros of API spend a month the savings do not pay for the people, from 5,000 to
    10,000 on self-hosting is worth a look."""
    if api_eur_per_month < 5_000:
        return "stay"
    return "consider" if api_eur_per_month <= 10_000 else "worth considering"
