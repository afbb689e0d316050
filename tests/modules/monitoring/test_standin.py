"""The stand-in exporters say what the real ones say, and all that rules ask for."""

import re

import pytest

from blueprint.monitoring import load as load_rules
from modules.monitoring import metrics
from tests.modules.monitoring import contract, promql
from tests.modules.monitoring.inventory import SCRAPE
from tests.modules.monitoring.standin import faults
from tests.modules.monitoring.standin.exposition import Page
from tests.modules.monitoring.standin.world import World

SERIES = re.compile(r"^([a-zA-Z_:][\w:]*(?:\{.*\})?) \S+$", re.MULTILINE)
# What differs from server to server: when it began, its settings as labels, edges that follow its longest context or that it was
# told, and which of its addresses somebody has asked for.
NOT_COMPARED = (
    *("_created", "_info{", "tokens", "inter_token_latency", "time_per_output_token", "request_params"),
    *("_size_bytes", '"/v1/completions"', 'status="4xx"'),
)


def shown(text: str) -> set[str]:
    return set(SERIES.findall(text))


def names(series: set[str]) -> set[str]:
    return {one.partition("{")[0] for one in series}


def vllm_page() -> str:
    world = World({"tiny": 4})
    world.advance(world.now + 5)
    return world.show()["pod-tiny"]


def test_a_replica_shows_every_series_a_real_vllm_shows_to_the_letter() -> None:
    """Labels in the same order, bucket edges as the same text; `_created` is left out, nobody asks for it."""
    real = {one for one in shown(SCRAPE.read_text()) if not any(part in one for part in NOT_COMPARED)}
    assert len(real) > 200
    assert real - shown(vllm_page()) == set()


def test_a_replica_shows_no_metric_that_a_real_vllm_does_not_have() -> None:
    assert names(shown(vllm_page())) - names(shown(SCRAPE.read_text())) == set()


def test_edges_are_written_as_each_program_writes_them() -> None:
    text = World({"tiny": 4}).show()
    assert 'vllm:e2e_request_latency_seconds_bucket{engine="0",le="10.0",model_name="tiny"}' in text["pod-tiny"]
    assert 'le="10000"' in text["proxy"]
    assert 'le="10000.0"' not in text["proxy"]


def test_whatever_a_rule_reads_is_shown_once_everything_has_happened() -> None:
    """Each switch thrown once: a series that rules read and no stand-in shows would make the drive prove nothing."""
    world, seen = faults.world("eu-test"), set()
    for name, switch in faults.SWITCHES.items():
        mend = switch.breaks(world, name)
        world.advance(world.now + 2)
        seen |= names(shown("".join(world.show().values())))
        mend()
    raw = metrics.series(metrics.load())
    read = {series for query in contract.rules() for series in promql.names(query.expression) if series in raw}
    genuine = {name for name in read if name == "up" or name.startswith(("prometheus_", "alertmanager_", "ALERTS"))}
    assert read - genuine - seen == set()


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("vllm:num_requests_waiting_by_reason", {"reason": "boredom"}),
        ("vllm:num_requests_waiting", {"model": "tiny"}),
    ],
)
def test_a_page_cannot_say_what_its_inventory_does_not_know(name: str, labels: dict[str, str]) -> None:
    with pytest.raises(KeyError, match=f"vllm: {name} cannot have"):
        Page(metrics.load()["vllm"]).set(name, 1.0, **labels)


def test_a_full_engine_queues_preempts_and_sheds() -> None:
    world = World({"tiny": 4})
    engine = world.models["tiny"].engine
    engine.requests_per_second, engine.kv_blocks = 50.0, 105
    world.advance(world.now + 3)
    page = world.show()["pod-tiny"]
    assert re.search(r"vllm:num_requests_waiting\{[^}]*\} [1-9]", page)
    assert re.search(r"vllm:num_preemptions_total\{[^}]*\} [1-9]", page)
    assert re.search(r'vllm:admission_rejections_total\{.*"max_num_queued_reqs"\} [1-9]', page)
    assert len(engine.running) + len(engine.queue) <= 8


def test_every_request_is_counted_once_by_engine_and_gateway() -> None:
    world = World({"tiny": 4})
    world.advance(world.now + 5)
    model = world.models["tiny"]
    counted = model.engine.page.values
    ended = sum(counted["vllm:request_success_total"].values()) + sum(counted["vllm:admission_rejections_total"].values())
    assert ended == sum(world.gateway.envoy.values["envoy_cluster_upstream_rq"].values()) > 20


def test_every_alert_has_a_switch_or_a_reason_why_not() -> None:
    driven = {alert for switch in faults.SWITCHES.values() for alert in switch.alerts}
    assert driven | faults.WITHOUT.keys() == load_rules().alerts.keys()
