"""What decides, with places and costs made up: needs first, then cost, and who runs machines last."""

from collections.abc import Collection, Mapping

import pytest

from blueprint.recommendation.decision import Family, Subject, decide
from blueprint.recommendation.needs import Needs
from blueprint.recommendation.result import Kind, Option, Team

OURS: tuple[Kind, ...] = ("self-hosted",)
KNOWN = Needs(capability="open", frozen_model=False, first_token_ms=1000)


def subject(name: str, kinds: Collection[Kind] = ("self-hosted", "managed", "api"), needs: Needs = KNOWN) -> Subject:
    every: tuple[Kind, ...] = ("self-hosted", "managed", "api")
    return Subject(
        name,
        tuple(Option(kind, kind, (), "" if kind in kinds else "closed", None, "", api="azure-openai/gpt-5.4") for kind in every),
        needs,
    )


def placed(*subjects: Subject, team: Team = "dedicated", share: float | None = 1.0) -> dict[str, Kind | None]:
    def asked(_: Family, kept: Collection[str], movable: Collection[str]) -> Mapping[str, float]:
        assert set(kept).isdisjoint(movable)
        return dict.fromkeys(movable, share or 0.0)

    return dict(decide(subjects, team, asked if share is not None else None).kinds)


def test_what_may_go_nowhere_goes_nowhere() -> None:
    assert placed(subject("a", ())) == {"a": None}


@pytest.mark.parametrize(("share", "kind"), [(1.0, "self-hosted"), (0.8, "self-hosted"), (0.79, "api"), (0.0, "api")])
def test_machines_have_to_win_clearly(share: float, kind: Kind) -> None:
    assert placed(subject("a"), share=share) == {"a": kind}


def test_what_cost_cannot_tell_stays_at_its_api() -> None:
    assert placed(subject("a"), share=None) == {"a": "api"}


def test_an_open_model_nobody_called_good_enough_is_not_taken_for_one() -> None:
    assert placed(subject("a", needs=Needs(frozen_model=False, first_token_ms=1000))) == {"a": "api"}


def test_cost_does_not_outweigh_a_hard_need() -> None:
    assert placed(subject("a", needs=Needs(capability="frontier"))) == {"a": "api"}
    assert placed(subject("a", needs=Needs(capability="open", frozen_model=True)), share=0.0) == {"a": "self-hosted"}


@pytest.mark.parametrize(
    ("team", "free", "bound"),
    [
        ("none", "managed", "managed"),
        ("limited", "managed", "self-hosted"),
        ("dedicated", "self-hosted", "self-hosted"),
        ("unknown", "self-hosted", "self-hosted"),
    ],
)
def test_the_team_decides_whose_machines_they_are(team: Team, free: Kind, bound: Kind) -> None:
    assert placed(subject("a"), team=team) == {"a": free}
    assert placed(subject("a", ("self-hosted", "managed")), team=team) == {"a": bound}


def test_a_use_case_joins_machines_that_another_one_must_have() -> None:
    assert placed(subject("a"), subject("b", OURS), team="limited") == {"a": "self-hosted", "b": "self-hosted"}


def test_without_an_endpoint_even_a_team_of_nobody_gets_the_only_lawful_place() -> None:
    assert placed(subject("a", OURS), team="none") == {"a": "self-hosted"}
