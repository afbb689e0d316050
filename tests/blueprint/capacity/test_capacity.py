"""From demand to GPUs: each limit, what redundancy adds, and the command as a person meets it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.capacity import HEADROOM, capacity, replica
from blueprint.catalog import load_catalog
from blueprint.environment.gpu import Mig, TimeSlicing
from blueprint.environment.loading import load
from blueprint.throughput import Load
from blueprint.throughput.measured import Point
from blueprint.workload import UseCase
from tests.blueprint.command import Run

ENV = load(Path("environments/eu-prod.yaml"))
ANALYSIS = replica(ENV, "analysis")
MEASURED = replace(ANALYSIS, points=(Point(Load(2000, 400, 23), 1200.0),))
GUIDELLM = Path(__file__).parents[1] / "throughput/data/guidellm.json"


def use(**changes: float) -> UseCase:
    return UseCase(**({"requests_per_second": 3, "prompt_tokens": 2000, "output_tokens": 400} | changes))


def limits(wanted: UseCase) -> dict[str, int]:
    return {limit.name: limit.replicas for limit in capacity(ENV, "analysis", wanted, MEASURED, 730).limits}


def test_an_idle_use_case_needs_one_replica_and_one_more() -> None:
    found = capacity(ENV, "analysis", use(requests_per_second=0), ANALYSIS, 730)
    assert (found.replicas, found.redundant, found.gpus) == (1, 1, 2)
    assert found.busy == (0.0, 0.0)


def test_throughput_is_the_peak_with_half_as_much_again() -> None:
    assert HEADROOM == 1.5
    assert limits(use())["throughput"] == 2  # 3 x 400 x 1.5 = 1,800 tokens/s of 1,200 measured
    assert limits(use(peak_factor=2))["throughput"] == 3


def test_a_request_stays_longer_than_it_takes_and_the_cache_must_hold_the_crowd() -> None:
    found = limits(use())
    assert found["KV cache"] == 2  # 23 under way on average, 30.9 in 95 of 100 moments, 23 held


def test_a_tighter_latency_never_needs_fewer_replicas() -> None:
    needed = [capacity(ENV, "analysis", use(), ANALYSIS, 730, slowest).replicas for slowest in (200, 80, 30, 20)]
    assert needed == sorted(needed)
    assert needed[0] < needed[-1]


def test_more_demand_never_needs_fewer_gpus() -> None:
    needed = [capacity(ENV, "analysis", use(requests_per_second=rate), ANALYSIS, 730).gpus for rate in (0, 0.1, 1, 5, 50)]
    assert needed == sorted(needed)


def test_batch_work_gets_no_spare_replica() -> None:
    assert capacity(ENV, "nightly", use(requests_per_second=0.1), replica(ENV, "nightly"), 730).redundant == 0


def test_a_measurement_replaces_the_band() -> None:
    assert capacity(ENV, "analysis", use(), MEASURED, 730).measured
    throughput = next(limit for limit in capacity(ENV, "analysis", use(), ANALYSIS, 730).limits if limit.name == "throughput")
    assert throughput.at_best < throughput.replicas


def test_requests_unlike_any_measured_are_called_extrapolated() -> None:
    assert capacity(ENV, "analysis", use(), MEASURED, 730).notes == ()
    assert capacity(ENV, "analysis", use(prompt_tokens=5000), MEASURED, 730).notes[0].startswith("extrapolated")


def test_a_card_shared_by_turns_is_as_fast_as_its_share() -> None:
    shared = TimeSlicing(replicas=2)
    pools = {**ENV.cluster.gpu_pools, "h100": ENV.cluster.gpu_pools["h100"].model_copy(update={"time_slicing": shared})}
    env = ENV.model_copy(update={"cluster": ENV.cluster.model_copy(update={"gpu_pools": pools})})
    assert replica(env, "analysis").roofline.speed.bandwidth_tb_per_s == ANALYSIS.roofline.speed.bandwidth_tb_per_s / 2


@pytest.mark.parametrize(
    ("profile", "compute", "bandwidth"), [("3g.40gb", 3 / 7, 4 / 8), ("1g.20gb", 1 / 7, 2 / 8), ("4g.40gb", 4 / 7, 4 / 8)]
)
def test_a_slice_is_as_fast_as_what_it_has_of_the_card(profile: str, compute: float, bandwidth: float) -> None:
    env = load(Path("environments/dc-prod.yaml"))
    pools = {**env.cluster.gpu_pools, "slices": env.cluster.gpu_pools["slices"].model_copy(update={"mig": Mig(profile=profile)})}
    env = env.model_copy(update={"cluster": env.cluster.model_copy(update={"gpu_pools": pools})})
    whole, part = load_catalog().gpus["h100-sxm"].speed, replica(env, "search").roofline.speed
    assert whole is not None
    assert part.bf16_tflops == pytest.approx(whole.bf16_tflops * compute)
    assert part.bandwidth_tb_per_s == pytest.approx(whole.bandwidth_tb_per_s * bandwidth)


def test_tokens_per_month_are_taken_as_requests_of_full_length_and_that_is_said() -> None:
    found = capacity(ENV, "analysis", UseCase(input_tokens_per_month=3e7, output_tokens_per_month=6e6), ANALYSIS, 730)
    assert "requests of 32,768 tokens assumed" in found.notes[0]


def test_the_command_shows_every_limit_and_finds_too_few_replicas(run: Run, tmp_path: Path) -> None:
    demand = tmp_path / "demand.yaml"
    demand.write_text("workload:\n  analysis: {requests_per_second: 3, prompt_tokens: 2000, output_tokens: 400, peak_factor: 4}\n")
    code, out, _ = run("capacity", "eu-prod", "--demand", str(demand))
    assert code == 1
    assert all(word in out for word in ("weights", "KV cache", "throughput", "latency", "redundancy", "not measured", "TOO FEW"))
    code, out, _ = run("capacity", "eu-prod", "--demand", str(demand), "--measured", f"analysis={GUIDELLM}", "--format", "json")
    assert json.loads(out)["analysis"]["measured"] is True


@pytest.mark.parametrize("said", ["guidellm.json", "nobody=guidellm.json", "analysis="])
def test_a_measurement_names_its_deployment(run: Run, said: str) -> None:
    code, _, err = run("capacity", "eu-prod", "--measured", said)
    assert code == 2
    assert "--measured DEPLOYMENT=FILE, with one of analysis, classify, nightly" in err


def test_requests_at_once_need_what_their_rate_needs() -> None:
    at_once = UseCase(concurrent_requests=60, seconds_per_request=20, prompt_tokens=2000, output_tokens=400, peak_factor=2)
    found, by_rate = (capacity(ENV, "analysis", each, MEASURED, 730) for each in (at_once, use(peak_factor=2)))
    assert replace(found, notes=()) == by_rate


def test_requests_of_different_lengths_need_more_cache_than_their_mean() -> None:
    many = ENV.models["analysis"].model_copy(update={"max_concurrent_requests": 256})  # else --max-num-seqs is the limit, not the cache
    crowded = replica(ENV.model_copy(update={"models": {**ENV.models, "analysis": many}}), "analysis")
    long = {"requests_per_second": 3, "prompt_tokens": 6_000, "output_tokens": 2_000}
    spread = {"prompt_tokens_p95": 20_000, "output_tokens_p95": 7_000}
    alike, different = (capacity(ENV, "analysis", use(**long, **said), crowded, 730).limits[1] for said in ({}, spread))
    assert alike.name == different.name == "KV cache"
    assert alike.replicas < different.replicas
    assert "requests of 6,000 + 2,000 tokens" in alike.why
    assert "requests of 6,000 + 2,000 tokens" not in different.why  # those under way are the longer ones


def test_long_prompts_take_longer_to_read_than_their_mean() -> None:
    spread = {"prompt_tokens_p95": 24_000}
    alike, different = (capacity(ENV, "analysis", use(prompt_tokens=8000, **said), ANALYSIS, 730) for said in ({}, spread))
    assert different.replica_tokens_per_second[0] < alike.replica_tokens_per_second[0]


def test_batch_sized_for_latency_is_what_autoscaling_aims_at() -> None:
    tight, loose = (capacity(ENV, "analysis", use(itl_p95_ms=most), ANALYSIS, 730) for most in (30, 500))
    assert tight.threshold < loose.threshold


@settings(max_examples=40, deadline=None)
@given(st.floats(1, 200), st.floats(1, 5), st.floats(1, 3.8), st.floats(1, 3.8), st.sampled_from([(1000, 100), (4000, 800), (200, 8)]))
def test_more_users_and_longer_tails_never_need_fewer_gpus(
    users: float, times: float, tail: float, other: float, tokens: tuple[int, int]
) -> None:
    def needed(users: float, tail: float) -> int:
        prompt, output = tokens
        spread = {"prompt_tokens_p95": prompt * tail, "output_tokens_p95": output * tail}
        said = {"concurrent_requests": users, "seconds_per_request": 30, "prompt_tokens": prompt, "output_tokens": output, **spread}
        return capacity(ENV, "analysis", UseCase.model_validate(said), ANALYSIS, 730).gpus

    short, long = sorted((tail, other))
    assert needed(users, short) <= needed(users * times, short)
    assert needed(users, short) <= needed(users, long)
