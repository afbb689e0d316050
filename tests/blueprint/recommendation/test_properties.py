"""What holds whatever is asked: nothing forbidden is recommended, cheaper machines repel nobody, not knowing makes nothing surer."""

from collections.abc import Mapping
from typing import Any

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from blueprint import matrix
from blueprint.conditions import ConditionName
from blueprint.matrix import CLASSES
from blueprint.recommendation.certainty import confidence
from blueprint.recommendation.checklist import checklist
from blueprint.recommendation.picture import picture_of
from blueprint.recommendation.recommend import recommend
from blueprint.recommendation.result import CONFIDENCES, Option, UseCaseAdvice
from blueprint.zones import ZONES
from tests.blueprint.recommendation.cases import DAY, demand, environment, residing

NAMES = {
    "eu-prod": ("analysis", "classify", "nightly", "retrieval", "summaries", "agents", "drafting"),
    "fr-prod": ("records", "triage", "drafting"),
    "dc-prod": ("analysis", "search", "classify"),
}
ANSWERS = {
    "capability": st.sampled_from([None, "open", "frontier"]),
    "frozen_model": st.sampled_from([None, True, False]),
    "first_token_ms": st.sampled_from([None, 20, 60, 300, 3000]),
    "peak_factor": st.sampled_from([None, 1, 3, 20]),
    "growth_per_year": st.sampled_from([None, 0, 0.5]),
    "data_class": st.sampled_from([None, *CLASSES]),
    "placement": st.sampled_from(["any", "any", "any", "self-hosted", "api"]),
    "input_tokens_per_month": st.sampled_from([1e6, 5e8, 5e10, 2e12]),
    "output_tokens_per_month": st.sampled_from([0, 1e6, 1e9, 1e11]),
}
# Where cost decides: nothing else is in the way, and cards are fast enough for machines to pay at some volumes.
WEIGHED = {
    "capability": st.sampled_from(["open", "open", "open", "frontier"]),
    "frozen_model": st.sampled_from([False, False, False, True]),
    "first_token_ms": st.just(1000),
    "peak_factor": st.sampled_from([1, 2, 3]),
    "growth_per_year": st.sampled_from([0, 0.5]),
    "input_tokens_per_month": st.floats(1e6, 1e10),
    "output_tokens_per_month": st.floats(1e5, 2e9),
}
SPEEDS = st.sampled_from([2_000, 8_000, 30_000])
TEAMS = st.sampled_from([None, "none", "limited", "dedicated"])
ALL_CONDITIONS = dict.fromkeys(ConditionName.__args__, DAY)  # type: ignore[attr-defined]
FEW = settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # each takes a tenth of a second


@st.composite
def uses(draw: st.DrawFn, names: tuple[str, ...], answers: Mapping[str, st.SearchStrategy[Any]] = ANSWERS) -> dict[str, dict[str, Any]]:
    return {name: draw(st.fixed_dictionaries(dict(answers))) for name in names if answers is WEIGHED or draw(st.booleans())} or {
        names[0]: {}
    }


@st.composite
def residencies(draw: st.DrawFn) -> dict[str, Any]:
    declared = draw(st.lists(st.sampled_from(sorted(ALL_CONDITIONS)), unique=True))
    return {
        "zone": draw(st.sampled_from(ZONES)),
        "data_class": draw(st.sampled_from(CLASSES)),
        "country": draw(st.sampled_from([None, None, "NL", "FR", "DE"])),
        "conditions": dict.fromkeys(declared, DAY),
        "dpf_recipients": draw(st.sampled_from([{}, {"Microsoft": DAY}])),
    }


def named(advice: UseCaseAdvice) -> list[Option]:
    """Every place an advice sends data to."""
    return [option for option in (advice.option, advice.overflow, advice.fallback.option, *advice.offers) if option is not None]


@FEW
@given(st.data(), st.sampled_from(sorted(NAMES)), residencies(), TEAMS)
def test_no_data_is_sent_where_the_matrix_does_not_allow_it_today(
    data: st.DataObject, name: str, said: dict[str, Any], team: str | None
) -> None:
    env = residing(environment(name), **said)
    found = recommend(env, demand(data.draw(uses(NAMES[name])), team), DAY)
    frame = env.data_residency
    for advice in found.use_cases:
        assert (advice.placement == "none") == (advice.option is None)
        assert advice.fallback.text
        for option in named(advice):
            assert option.places
            for place in option.places:
                answer = matrix.judge(advice.data_class, place, frame.perimeter, frame.declared, DAY)  # type: ignore[arg-type]
                assert answer.outcome is matrix.Outcome.allowed, (advice.name, option.name, answer.why)


@settings(FEW, max_examples=40)
@given(st.data(), TEAMS, SPEEDS, st.floats(0.05, 1), st.floats(0, 1))
def test_cheaper_machines_move_nobody_away_from_them(
    data: st.DataObject, team: str | None, speed: float, price: float, people: float
) -> None:
    asked = data.draw(uses(NAMES["eu-prod"], WEIGHED))
    full = {"price_change": 1.0, "engineer_eur_per_year": 150_000.0, "setup_eur": 45_000.0, "security_eur_per_month": 1600.0}
    factors = {"price_change": price, "engineer_eur_per_year": people, "setup_eur": people, "security_eur_per_month": people}
    less = {key: value * factors[key] for key, value in full.items()}
    fast = {"tokens_per_second_per_gpu": speed}
    dear = picture_of(environment(), demand(asked, team, assumptions=full | fast), DAY).decision
    cheap = picture_of(environment(), demand(asked, team, assumptions=less | fast), DAY).decision
    event(
        f"on machines: {sum(kind != 'api' for kind in dear.kinds.values())}, cheaper: {sum(kind != 'api' for kind in cheap.kinds.values())}"
    )
    for one, kind in dear.kinds.items():
        if kind == "self-hosted":
            assert cheap.kinds[one] == "self-hosted"
        assert cheap.shares.get(one, 1.0) >= dear.shares.get(one, 0.0)


@settings(FEW, max_examples=40)
@given(st.data(), st.sampled_from(sorted(NAMES)), st.sampled_from([ANSWERS, WEIGHED]), TEAMS, SPEEDS)
def test_an_answer_taken_away_makes_nothing_surer(
    data: st.DataObject, name: str, answers: dict[str, st.SearchStrategy[Any]], team: str | None, speed: float
) -> None:
    asked = data.draw(uses(NAMES[name], answers))
    which = data.draw(st.sampled_from(sorted(asked)))
    key = data.draw(st.sampled_from(["capability", "frozen_model", "first_token_ms", "peak_factor", "growth_per_year", "team"]))
    fewer = asked if key == "team" else {**asked, which: {**asked[which], key: None}}
    known, silent = (
        picture_of(environment(name), demand(said, who, assumptions={"tokens_per_second_per_gpu": speed}), DAY)
        for said, who in ((asked, team), (fewer, None if key == "team" else team))
    )
    for one in known.subjects:
        sure, less = confidence(known, one), confidence(silent, one)
        event(f"{sure} becomes {less}")
        assert CONFIDENCES.index(less) <= CONFIDENCES.index(sure), (one, key)
    for with_all, with_fewer in zip(checklist(known, (), None), checklist(silent, (), None), strict=True):
        assert with_fewer.answer != "yes" or with_all.answer == "yes", with_all.question
