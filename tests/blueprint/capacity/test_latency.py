"""Latency targets: what each allows, and waiting held against a queue simulated request by request."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from blueprint.capacity import capacity, replica
from blueprint.capacity.asked import asked
from blueprint.capacity.latency import Timing, largest_batch, targets
from blueprint.environment.loading import load
from blueprint.throughput import Load
from blueprint.throughput.measured import Point
from blueprint.workload import UseCase
from tests.blueprint.command import Run

ENV = load(Path("environments/eu-prod.yaml"))
ANALYSIS = replica(ENV, "analysis")
CONTEXT = ANALYSIS.server.max_context_tokens


def use(**said: float) -> UseCase:
    return UseCase.model_validate({"requests_per_second": 3, "prompt_tokens": 2000, "output_tokens": 400} | said)


def timing(**said: float) -> Timing:
    return Timing(ANALYSIS, asked(use(**said), CONTEXT, 730))


def batches(**said: float) -> dict[str, float]:
    held = ANALYSIS.holds(asked(use(**said), CONTEXT, 730).under_way)
    return {target.words: largest_batch(target, held) for target in targets(use(**said), timing(**said), 80)}


def test_without_targets_only_the_time_per_token_counts() -> None:
    assert [*batches()] == ["80 ms per token"]
    assert [*batches(itl_p95_ms=30)] == ["30 ms per token"]


def test_each_target_allows_a_batch_of_its_own_and_the_tightest_decides() -> None:
    found = batches(ttft_p95_ms=900, request_p99_ms=15_000)
    assert [*found] == ["80 ms per token", "900 ms to the first token (p95)", "15,000 ms for a request (p99)"]
    needed = capacity(ENV, "analysis", use(ttft_p95_ms=900, request_p99_ms=15_000), ANALYSIS, 730)
    line = next(limit for limit in needed.limits if limit.name == "latency")
    tightest = min(found, key=lambda words: found[words])
    assert line.why.startswith(f"{tightest} allow {found[tightest]:,.0f} requests at once")
    assert all(words in line.why for words in found)


@pytest.mark.parametrize("target", ["ttft_p95_ms", "itl_p95_ms", "request_p99_ms"])
def test_a_tighter_target_never_needs_fewer_replicas(target: str) -> None:
    needed = [capacity(ENV, "analysis", use(**{target: most}), ANALYSIS, 730).replicas for most in (100_000, 10_000, 2_000, 1_000, 400, 20)]
    assert needed == sorted(needed)
    assert needed[0] < needed[-1]


def test_time_to_the_first_token_grows_with_the_batch_and_with_the_prompt() -> None:
    found = [timing().first_token(batch) for batch in (1, 4, 16, 23)]
    assert found == sorted(found)
    assert timing(prompt_tokens=8000).first_token(1) > 3 * timing().first_token(1)
    assert timing(prompt_tokens_p95=6000).first_token(4) > timing().first_token(4)


def test_the_wait_is_that_of_a_simulated_queue() -> None:
    """Prompts arrive at random and are read one after the other (Lindley's recursion): the estimate is at or above the simulated
    percentile, and not by much."""
    found, generator = timing(prompt_tokens_p95=5000), Random(7)
    load = replace(found.asked.load, concurrency=16)
    slow, rate = ANALYSIS.slowness(load), ANALYSIS.throughput(load).low / load.output_tokens / 1e3
    times = [slow * ANALYSIS.reading_ms(length) for length in found.asked.prompts.each]
    waits = [0.0]
    for _ in range(100_000):
        waits.append(max(0.0, waits[-1] + generator.choice(times) - generator.expovariate(rate)))
    simulated = sorted(waits)[95_000]
    assert simulated * 0.95 <= found.wait(16, 0.95) <= simulated * 1.4


def test_a_target_met_by_idle_replicas_only_asks_for_more_of_them() -> None:
    tight = {"output_tokens": 8, "ttft_p95_ms": round(timing(output_tokens=8).reading(1, 0.95)) + 5}
    found = capacity(ENV, "analysis", use(**tight), ANALYSIS, 730)
    assert not found.missed
    assert batches(**tight)[f"{tight['ttft_p95_ms']} ms to the first token (p95)"] < 1
    assert found.decisive.name == "latency"


def test_a_measured_server_is_slower_or_faster_than_the_roofline_by_its_measurement() -> None:
    fast = replace(ANALYSIS, points=(Point(Load(2000, 400, 16), 2000.0),))
    slow = replace(ANALYSIS, points=(Point(Load(2000, 400, 16), 500.0),))
    wish = asked(use(), CONTEXT, 730)
    assert Timing(fast, wish).first_token(16) == pytest.approx(Timing(slow, wish).first_token(16) / 4)


def test_a_target_that_no_replica_meets_is_said_and_is_a_finding(run: Run, tmp_path: Path) -> None:
    found = capacity(ENV, "analysis", use(ttft_p95_ms=20), ANALYSIS, 730)
    assert found.missed[0].startswith("20 ms to the first token (p95) are missed: a request alone takes")
    assert not capacity(ENV, "analysis", use(), ANALYSIS, 730, ms_per_token=1).missed
    demand = tmp_path / "demand.yaml"
    demand.write_text("workload:\n  analysis: {requests_per_second: 0.01, prompt_tokens: 2000, output_tokens: 400, ttft_p95_ms: 20}\n")
    code, out, _ = run("capacity", "eu-prod", "--demand", str(demand))
    assert code == 1
    assert "TOO SLOW: 20 ms to the first token" in out
