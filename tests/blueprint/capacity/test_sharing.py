"""Sharing cards: who fits together on one, what that does, and when the rules refuse it."""

import json
from pathlib import Path
from typing import Any

import pytest

from blueprint.capacity import Capacity, capacity, replica
from blueprint.capacity.effects import load_effects
from blueprint.capacity.sharing import Pool, Sharing, pools, sharings
from blueprint.environment import Environment
from blueprint.environment.checks import run as checks
from blueprint.environment.gpu import Mig
from blueprint.environment.loading import load
from blueprint.environment.residency import DataResidency
from blueprint.workload import Demand
from tests.blueprint.command import Run

LIGHT = {"requests_per_second": 0.05, "prompt_tokens": 1500, "output_tokens": 200}


def environment(changes: dict[str, dict[str, Any]], data_class: str = "") -> Environment:
    env = load(Path("environments/eu-prod.yaml"))
    models = {each: one.model_copy(update=changes.get(each, {})) for each, one in env.models.items()}
    said = env.data_residency.model_dump() | ({"data_class": data_class} if data_class else {})
    return env.model_copy(update={"models": models, "data_residency": DataResidency.model_validate(said)})


def needed(env: Environment, demand: Demand) -> dict[str, Capacity]:
    return {name: capacity(env, name, use, replica(env, name), 730) for name, use in demand.workload.items()}


def shared(env: Environment, **uses: dict[str, float]) -> tuple[Pool, dict[str, Sharing]]:
    demand = Demand.model_validate({"workload": uses})
    (pool,) = [one for one in pools(env, demand, needed(env, demand), 80) if one.name == "h100"]
    return pool, {way.way.partition(" ")[0]: way for way in sharings(pool)}


SHORT = {"classify": {"model": "phi-4-14b"}}


def test_two_idle_models_fit_together_on_cards_that_are_cut() -> None:
    pool, found = shared(environment(SHORT), analysis=LIGHT, classify=LIGHT)
    assert pool.cards == 4  # one each, and one more each
    mig = found["MIG"]
    assert (mig.way, mig.cards) == ("MIG 3g.47gb", 2)
    assert {name: part.count for name, part in mig.parts.items()} == {"analysis": 2, "classify": 2}
    assert mig.setting == "mig: {profile: 3g.47gb}"


def test_fewer_cards_are_busier_by_as_much() -> None:
    pool, found = shared(environment(SHORT), analysis=LIGHT, classify=LIGHT)
    assert found["MIG"].busy[1] > 1.5 * pool.busy[1]


def test_a_slice_takes_longer_for_a_token_than_the_whole_card() -> None:
    _, found = shared(environment(SHORT), analysis=LIGHT, classify=LIGHT)
    for part in found["MIG"].parts.values():
        assert part.ms_per_token > 1.3 * part.ms_per_token_whole


def test_a_replica_and_its_spare_are_not_put_on_one_card() -> None:
    _, found = shared(environment(SHORT), classify=LIGHT)
    assert found["MIG"].refused.startswith("it would save none of the 2 whole cards")


def test_what_is_proposed_passes_validation() -> None:
    env = environment(SHORT)
    _, found = shared(env, analysis=LIGHT, classify=LIGHT)
    profile = found["MIG"].setting.partition("profile: ")[2].rstrip("}")
    pool = env.cluster.gpu_pools["h100"].model_copy(update={"mig": Mig(profile=profile), "max": found["MIG"].cards})
    cut = env.model_copy(update={"cluster": env.cluster.model_copy(update={"gpu_pools": {**env.cluster.gpu_pools, "h100": pool}})})
    assert [one.message for one in checks(cut) if one.severity == "error" and "h100" in one.place] == []


@pytest.mark.parametrize("data_class", ["personal", "confidential"])
def test_regulated_data_takes_no_turns(data_class: str) -> None:
    _, found = shared(environment(SHORT, data_class), analysis=LIGHT, classify=LIGHT)
    assert f"{data_class} data needs isolation" in found["time-slicing"].refused
    assert not found["MIG"].refused


def test_internal_data_may_take_turns() -> None:
    _, found = shared(environment(SHORT, "internal"), analysis=LIGHT, classify=LIGHT)
    assert not found["time-slicing"].refused
    assert found["time-slicing"].way == "time-slicing by 2"


def test_kapsule_lets_nobody_take_turns_whatever_the_data() -> None:
    env = load(Path("environments/dev.yaml"))
    demand = Demand.model_validate({"workload": {"chat": LIGHT}})
    (pool,) = pools(env, demand, needed(env, demand), 80)
    found = {way.way: way.refused for way in sharings(pool)}
    assert "not ours to configure" in found["time-slicing"]
    assert found["MIG"].startswith("no MIG profile of NVIDIA L40S")


def test_a_model_that_fits_no_slice_stays_on_whole_cards() -> None:
    env = environment(SHORT | {"analysis": {"tensor_parallel": 2}})
    _, found = shared(env, analysis=LIGHT, classify=LIGHT)
    assert found["MIG"].whole == ("analysis", "classify")
    assert "no part is large and fast enough for analysis" in found["MIG"].refused


def test_a_target_met_on_a_whole_card_is_not_given_up_for_a_slice() -> None:
    _, found = shared(environment(SHORT), analysis={**LIGHT, "ttft_p95_ms": 330}, classify=LIGHT)
    assert "analysis" in found["MIG"].whole


def test_pools_that_are_shared_already_are_left_alone() -> None:
    env = load(Path("environments/dc-prod.yaml"))
    demand = Demand.model_validate({"workload": {"search": LIGHT}})
    assert [*pools(env, demand, needed(env, demand), 80)] == []


def test_every_effect_has_a_source() -> None:
    assert {*load_effects()} == {"mig", "time_slicing"}
    assert all(effect.source and effect.isolation and effect.latency for effect in load_effects().values())


def test_the_command_tells_it_only_when_asked(run: Run, tmp_path: Path) -> None:
    demand = tmp_path / "demand.yaml"
    demand.write_text("workload:\n  analysis: {requests_per_second: 0.05, prompt_tokens: 1500, output_tokens: 200}\n")
    assert "sharing" not in run("capacity", "eu-prod", "--demand", str(demand))[1]
    out = run("capacity", "eu-prod", "--demand", str(demand), "--sharing")[1]
    assert "sharing cards of pool h100: 2 whole cards for analysis" in out
    assert "time-slicing: no, pods that take turns on a card share its memory and its faults; personal data needs isolation" in out
    found = json.loads(run("capacity", "eu-prod", "--demand", str(demand), "--sharing", "--format", "json")[1])
    assert {way["pool"] for way in found["sharing"]} == {"h100"}
    assert [*found["deployments"]] == ["analysis"]
