"""Published figures: every vector of tests/blueprint/data/ comes out of the formulas, and what is wrong is explained."""

import json
from pathlib import Path
from typing import Any

import pytest

from blueprint.cost.claims import Claim, load_claims, render
from blueprint.cost.heuristics import primer_rule, spend_rule
from blueprint.errors import BlueprintError

VECTORS: dict[str, dict[str, Any]] = {
    vector["id"]: vector for vector in json.loads((Path(__file__).parents[1] / "data" / "article_vectors.json").read_text())["vectors"]
}
CLAIMS = {claim.id: claim for claim in load_claims()}

# Where a vector calls a result by another name than ours.
NAMES = {
    "monthly_gpu_cost_usd": "monthly_gpu_cost",
    "eur": "on_demand",
    "list_price_gpt54": "list_price.gpt54",
    "list_price_sonnet46": "list_price.sonnet46",
    "implied_tok_s_at_2_52": "implied_tok_s",
    "actual_avg_tok_s_of_customer": "actual_avg_tok_s",
}
# Vectors whose expected values are not results of one formula: each has a test of its own below.
BY_HAND = {
    "recommend_rules",
    "spend_threshold",
    "copilot",
    "capacity_rule",
    "managed_premium",
    "overhead_per_gpu_hour",
    "tco_saving",
    "llama70_fp8_35gb",
}


def decimals(value: float) -> int:
    return len(str(value).partition(".")[2]) if isinstance(value, float) else 0


def agrees(expected: Any, found: Any) -> None:
    """Equal to the last digit the vector gives."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            agrees(value, found[key])
    elif isinstance(expected, list):
        for one, other in zip(expected, found, strict=True):
            agrees(one, other)
    elif isinstance(expected, str):
        assert found == expected
    elif expected >= 1e8:
        assert found == pytest.approx(expected, rel=1e-3)
    else:
        assert round(found, decimals(expected)) == expected


def result(claim: Claim, name: str) -> Any:
    """A result by the vector's name for it, or by ours; a dot leads into a result of several."""
    path = name if name in claim.gives else NAMES.get(name, name)
    found: Any = claim.gives
    for step in path.split("."):
        found = found[step]
    return found


@pytest.mark.parametrize("vector", [vector for vector in VECTORS.values() if vector["id"] not in BY_HAND], ids=lambda vector: vector["id"])
def test_a_published_vector_comes_out_of_the_formulas(vector: dict[str, Any]) -> None:
    expected = {key: value for key, value in {**vector["expected"], **vector.get("also", {})}.items() if key != "actual_util_pct_of_2_gpu"}
    assert expected
    for name, value in expected.items():
        agrees(value, result(CLAIMS[vector["id"]], name))


def test_every_vector_is_among_the_claims_and_every_wrong_one_says_why() -> None:
    for name, vector in VECTORS.items():
        if name == "recommend_rules":
            continue
        holds = vector["verdict"] == "ok"
        assert (CLAIMS[name].verdict == "holds") == holds, name
        assert len(CLAIMS[name].why) > 10


def test_the_share_of_two_gpus_the_customer_uses_is_half_a_percent() -> None:
    assert (
        f"{CLAIMS['own_price_at_60pct'].gives['actual_util']:.2%}"
        == VECTORS["own_price_at_60pct"]["expected"]["actual_util_pct_of_2_gpu"] + "%"
    )


def test_the_figures_given_outright_are_those_of_the_vectors() -> None:
    assert CLAIMS["copilot"].gives == {"year": VECTORS["copilot"]["expected"]["year"]}
    assert round(CLAIMS["tco_saving"].gives["per_month"], 2) == VECTORS["tco_saving"]["expected"]["per_month"]
    premium = CLAIMS["managed_premium"].gives
    assert [premium["low"], premium["high"]] == VECTORS["managed_premium"]["expected"]["over_raw_self_hosted"]
    agrees(VECTORS["capacity_rule"]["also"], CLAIMS["capacity_rule"].gives)
    overhead = CLAIMS["overhead_per_gpu_hour"].gives
    agrees(
        VECTORS["overhead_per_gpu_hour"]["also"], {"two_gpu_non_gpu_costs": overhead["non_gpu"], "per_gpu_hour": overhead["per_gpu_hour"]}
    )
    agrees(VECTORS["llama70_fp8_35gb"]["expected"], CLAIMS["llama70_fp8_35gb"].gives)


VOLUMES = {"*": (1, 600e6, 6e9), "<500e6": (499_999_980,), ">5e9": (5_000_000_010,), "500e6..5e9": (500e6, 5e9)}


@pytest.mark.parametrize("rule", VECTORS["recommend_rules"]["rules"], ids=str)
def test_the_primers_rule_answers_as_published(rule: list[str]) -> None:
    sensitivity, teams, volumes, answer = rule
    for team in ["none", "limited", "dedicated"] if teams == "*" else teams.split("|"):
        for tokens in VOLUMES[volumes]:
            given = ["regulated"] if sensitivity == "regulated" else ["public", "internal"]
            assert {primer_rule(tokens / 30, 1, one, team).answer for one in given} == {answer}  # type: ignore[arg-type]


def test_spend_below_the_published_threshold_stays_with_the_api() -> None:
    low, high = VECTORS["spend_threshold"]["expected"]["consider_from_eur_month"]
    assert [spend_rule(low - 1), spend_rule(low), spend_rule(high), spend_rule(high + 1)] == [
        "stay",
        "consider",
        "consider",
        "worth considering",
    ]


def test_a_wrong_claim_is_told_with_both_numbers() -> None:
    told = "\n".join(render([CLAIMS["crossover_example"]]))
    assert "1.5 B tokens a month" in told
    assert "6 B a month" in told
    assert "2.88 B" in told


def test_claims_that_do_not_hold_come_first() -> None:
    verdicts = [claim.verdict for claim in load_claims()]
    assert verdicts == sorted(verdicts, key=["differs", "inconsistent", "holds"].index)


def test_a_claim_with_an_unknown_formula_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_text(
        "title: a title\nsource: a source\nas_of: 2026\nclaims: {x: {says: y, verdict: holds, why: because, formula: magic, given: {}}}"
    )
    with pytest.raises(BlueprintError, match="x cannot be computed"):
        load_claims(tmp_path)


def test_a_sentence_is_told_with_what_was_computed_not_with_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_text(
        "title: a title\nsource: a source\nas_of: 2026\n"
        "claims: {x: {says: y, verdict: holds, why: '{per_month:,.2f}', formula: per_month, given: {amount: 10, months: 4}}}"
    )
    (claim,) = load_claims(tmp_path)
    assert isinstance(claim, Claim)
    assert claim.why == "2.50"
