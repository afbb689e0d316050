"""The arithmetic of `recordings/cost.yaml`, by promtool: what is recorded is worked out by hand beside it."""

from pathlib import Path
from typing import Any

import pytest

from blueprint.monitoring import groups
from blueprint.monitoring.rendering import recordings
from tests.modules.monitoring.cases import environment, readable
from tests.modules.monitoring.promtool import failures, promtool, write

pytestmark = pytest.mark.skipif(promtool() is None, reason="promtool is not installed: apt install prometheus, or `make e2e-tools`")

MODEL = 'cluster="eu-test",namespace="inference",model_name="analysis"'


def expect(folder: Path, series: dict[str, str], expression: str, *wanted: tuple[str, float]) -> None:
    """After ten minutes of these series, the expression has these values (rounded to a thousandth)."""
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": f"round({expression}, 0.001)",
                "eval_time": "10m",
                "exp_samples": [{"labels": labels, "value": value} for labels, value in wanted],
            }
        ],
    }
    write(
        folder / "rules.yaml",
        {"groups": [{"name": "cost", "interval": "1m", "rules": recordings(readable().recordings["cost"], environment())}]},
    )
    write(folder / "test.yaml", {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]})
    assert failures(folder, ["test.yaml"]) == ""


def tokens(consumer: str, model: str, kind: str) -> str:
    return f'consumer:gateway_tokens:rate5m{{cluster="eu-test",consumer="{consumer}",model_name="{model}",gen_ai_token_type="{kind}"}}'


def test_tokens_of_a_hosted_api_are_paid_by_kind(tmp_path: Path) -> None:
    """100 read and 10 written tokens a second at 2 and 10 EUR a million: (200 + 100) / 1e6 * 3600 = 1.08 EUR an hour. Cached tokens are
    part of those read and not paid twice."""
    series = {
        tokens("search", "drafting", "input"): "100x10",
        tokens("search", "drafting", "output"): "10x10",
        tokens("search", "drafting", "cached_input"): "60x10",
        'model:token_eur:list{cluster="eu-test",model_name="drafting",gen_ai_token_type="input"}': "0.000002x10",
        'model:token_eur:list{cluster="eu-test",model_name="drafting",gen_ai_token_type="output"}': "0.00001x10",
    }
    wanted = ('{cluster="eu-test",consumer="search",model_name="drafting",paid="by the token"}', 1.08)
    expect(tmp_path, series, "consumer:eur_per_hour:sum", wanted)


def test_cards_are_shared_among_teams_by_their_tokens(tmp_path: Path) -> None:
    """Two cards at 8 EUR; three quarters of the tokens are one team's, 12 of 16 EUR an hour."""
    card = 'DCGM_FI_DEV_GPU_TEMP{{cluster="eu-test",node="gpu-0",gpu="{}",namespace="inference",pod="analysis-1"}}'
    series = {
        card.format(0): "60x10",
        card.format(1): "60x10",
        f'pod:llm_model:info{{{MODEL},pod="analysis-1"}}': "1x10",
        f"model:gpu_eur_per_hour:list{{{MODEL}}}": "8x10",
        tokens("case-management", "analysis", "input"): "300x10",
        tokens("search", "analysis", "input"): "100x10",
    }
    shared = '{{cluster="eu-test",consumer="{}",model_name="analysis",paid="by the card"}}'
    wanted = ((shared.format("case-management"), 12.0), (shared.format("search"), 4.0))
    expect(tmp_path, series, "consumer:eur_per_hour:sum", *wanted)


def test_a_card_without_a_pod_is_free_and_slices_are_one_card(tmp_path: Path) -> None:
    series = {
        'DCGM_FI_DEV_GPU_TEMP{cluster="eu-test",node="gpu-0",gpu="0",namespace="inference",pod="analysis-1"}': "60x10",
        'DCGM_FI_DEV_GPU_TEMP{cluster="eu-test",node="gpu-0",gpu="1",GPU_I_ID="1"}': "40x10",
        'DCGM_FI_DEV_GPU_TEMP{cluster="eu-test",node="gpu-0",gpu="1",GPU_I_ID="2"}': "40x10",
    }
    expect(tmp_path, series, "cluster:gpus_free:count", ('{cluster="eu-test"}', 1))


def test_use_is_measured_against_what_sizing_planned(tmp_path: Path) -> None:
    """24 requests in the house of two replicas that are planned to hold 16 each."""
    series = {
        f"model:llm_inflight:sum{{{MODEL}}}": "24x10",
        f"model:replicas_ready:max{{{MODEL}}}": "2x10",
        f"model:replica_requests:planned{{{MODEL}}}": "16x10",
    }
    expect(tmp_path, series, "model:replica_use:ratio", (f"{{{MODEL}}}", 0.75))


def test_a_million_tokens_cost_more_when_nobody_asks(tmp_path: Path) -> None:
    """8 EUR an hour at 100 tokens a second are 22.222 EUR a million; at none there is no price, not an infinite one."""
    quiet = MODEL.replace("analysis", "quiet")
    series: dict[str, Any] = {
        'DCGM_FI_DEV_GPU_TEMP{cluster="eu-test",node="gpu-0",gpu="0",namespace="inference",pod="analysis-1"}': "60x10",
        f'pod:llm_model:info{{{MODEL},pod="analysis-1"}}': "1x10",
        f"model:gpu_eur_per_hour:list{{{MODEL}}}": "8x10",
        f"model:llm_generation_tokens:rate5m{{{MODEL}}}": "100x10",
        f"model:llm_generation_tokens:rate5m{{{quiet}}}": "0x10",
    }
    expect(tmp_path, series, "model:eur_per_million_tokens:rate1h", (f"{{{MODEL}}}", 22.222))


def test_the_plan_reaches_prometheus() -> None:
    found = {rule["record"] for group in groups(readable(), environment()) if group.name == "plan.recordings" for rule in group.rules}
    assert {"model:gpu_eur_per_hour:list", "model:token_eur:list", "model:replica_requests:planned", "consumer:data_class:info"} <= found
