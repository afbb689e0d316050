"""The metric contract: what any query reads exists in the pinned exporter, under that name, of that type, with those labels."""

from collections.abc import Iterable

import pytest
import yaml

from modules.monitoring import metrics
from tests.modules.monitoring import contract, inventory, promql
from tests.modules.monitoring.contract import Query

SERIES = contract.exported()


def problems_of(queries: Iterable[Query], raw: contract.Known | None = None) -> list[str]:
    known = contract.everything() if raw is None else contract.known(raw)
    return [problem for query in queries for problem in query.problems(known)]


def test_recordings_alerts_and_objectives_read_what_exists() -> None:
    assert not problems_of(contract.rules()), "\n".join(problems_of(contract.rules()))


def test_autoscaling_reads_what_exists() -> None:
    queries = list(contract.scaling())
    assert queries
    assert not problems_of(queries), "\n".join(problems_of(queries))


def test_dashboards_read_what_exists() -> None:
    queries = list(contract.panels())
    assert queries
    assert not problems_of(queries), "\n".join(problems_of(queries))


def test_runbooks_read_what_exists() -> None:
    assert not problems_of(contract.runbooks()), "\n".join(problems_of(contract.runbooks()))


def test_a_renamed_metric_is_told_with_every_file_that_reads_it() -> None:
    """vLLM has done so before: gpu_cache_usage_perc became kv_cache_usage_perc between 0.11 and 0.14."""
    renamed = contract.without(SERIES, "vllm:num_requests_waiting", "vllm:num_requests_queued")
    found = problems_of(contract.queries(), renamed)
    assert (
        "modules/monitoring/recordings/queue.yaml, model:llm_queue:sum: no exporter and no recording has vllm:num_requests_waiting" in found
    )
    panel = "modules/monitoring/dashboards/overview.yaml, panel 'Requests that wait, per model'"
    assert f"{panel}: no exporter and no recording has model:llm_queue:sum" in found
    assert "modules/monitoring/alerts/QueueDeep.yaml, expr: no exporter and no recording has model:llm_queue:sum" in found


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("vllm:num_preemptions", "no exporter and no recording has vllm:num_preemptions"),
        ("rate(vllm:num_requests_waiting[5m])", "rate() is for counters; vllm:num_requests_waiting is a gauge"),
        ("rate(DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL[5m])", "rate() is for counters; DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL is a gauge"),
        ("increase(sum(vllm:generation_tokens_total)[5m:])", "increase() is for counters; a computed value is a gauge"),
        ("deriv(vllm:generation_tokens_total[5m])", "deriv() is for gauges; vllm:generation_tokens_total is a counter"),
        ('vllm:num_requests_running{model="a"}', "vllm:num_requests_running has no label model"),
        ('vllm:request_success_total{finished_reason="failed"}', "no finished_reason 'failed'"),
        ('rate(vllm:e2e_request_latency_seconds_bucket{le="10"}[5m])', "no le '10'"),
        ('rate(gen_ai_server_time_to_first_token_seconds_bucket{le="1"}[5m])', "no le '1'"),
        ("sum by (model) (vllm:num_requests_running)", "sum names model"),
        ("histogram_quantile(0.9, sum by (pod) (rate(vllm:time_to_first_token_seconds_bucket[5m])))", "reads le"),
        ("vllm:num_requests_running / rate(vllm:admission_rejections_total[5m])", "/ never matches"),
        ("vllm:num_requests_running * on (node) group_left () up", "left of *, `on` names node"),
        ("vllm:num_requests_running * on (pod) group_left (gpu) up", "group_left brings gpu"),
        ("sum by (pod", "does not parse"),
    ],
)
def test_what_can_never_work_is_refused(expression: str, problem: str) -> None:
    assert problem in "\n".join(promql.check(expression, SERIES))


@pytest.mark.parametrize(
    "expression",
    [
        'rate(vllm:e2e_request_latency_seconds_bucket{le="10.0"}[5m])',
        r'rate(gen_ai_server_time_to_first_token_seconds_bucket{le=~"1(\\.0)?"}[5m])',
        "sum by (node, gpu) (rate(DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION[$__rate_interval]))",
        'vllm:num_requests_running{model_name=~"$model"}',
        "DCGM_FI_DEV_GPU_UTIL * on (cluster, namespace, pod) group_left (model_name)"
        " group by (cluster, namespace, pod, model_name) (vllm:num_requests_running)",
        'absent(vllm:num_requests_running{model_name="a"}) and on () (hour() > 6)',
    ],
)
def test_what_works_is_accepted(expression: str) -> None:
    assert promql.check(expression, SERIES) == []


def test_vllms_inventory_is_what_a_real_vllm_exposes() -> None:
    written = yaml.safe_load((metrics.FOLDER / "vllm.yaml").read_text())
    assert written == inventory.vllm(), "run python -m tests.modules.monitoring.inventory"


def test_dcgms_inventory_is_the_list_the_exporter_is_given() -> None:
    written = yaml.safe_load((metrics.FOLDER / "dcgm.yaml").read_text())
    assert written == inventory.dcgm(), "run python -m tests.modules.monitoring.inventory"


def test_every_inventory_names_its_version_and_source() -> None:
    for exporter in metrics.load().values():
        assert exporter.version
        assert exporter.source


def test_no_two_exporters_claim_a_series_with_different_types() -> None:
    seen: dict[str, str] = {}
    for exporter in metrics.load().values():
        for name, metric in exporter.metrics.items():
            assert seen.setdefault(name, metric.type) == metric.type, name
