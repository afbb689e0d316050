"""What changes when an environment moves to another cloud target."""

from pathlib import Path

import pytest

from blueprint import diff_targets
from blueprint.environment import Environment
from blueprint.environment.loading import load, load_all
from blueprint.errors import BlueprintError

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "environments"
ALL = load_all(FOLDER)
TARGETS = sorted({env.cluster.target for env in ALL.values()})
MOVES = [(name, target) for name in ("dev", "eu-prod") for target in TARGETS if target != ALL[name].cluster.target]


@pytest.fixture(scope="module")
def production() -> Environment:
    return load(FOLDER / "eu-prod.yaml")


@pytest.fixture
def elsewhere(production: Environment) -> Environment:
    """The same on other cards, under other pool names."""
    pools = production.cluster.gpu_pools
    renamed = {"cheap": pools["batch"], "big": pools["h100"].model_copy(update={"instance": "Standard_NC24ads_A100_v4"})}
    return production.model_copy(update={"cluster": production.cluster.model_copy(update={"gpu_pools": renamed})})


def test_models_keep_a_pool_of_their_name_and_else_take_one_as_lasting(production: Environment, elsewhere: Environment) -> None:
    assert {model.pool for model in diff_targets.move(production, production).models.values()} == {"h100", "batch"}
    moved = diff_targets.move(production, elsewhere)
    assert {name: model.pool for name, model in moved.models.items()} == {"analysis": "big", "classify": "big", "nightly": "cheap"}


def test_cards_memory_verdict_and_cost_are_those_of_the_other_side(production: Environment, elsewhere: Environment) -> None:
    here = diff_targets._side(production, {})
    there = diff_targets._side(diff_targets.move(production, elsewhere), {})
    one, other = here.models["analysis"], there.models["analysis"]
    assert one
    assert other
    assert (one.card, other.card) == ("NVIDIA H100 NVL 94 GB", "NVIDIA A100 80 GB")
    assert one.memory_gib > other.memory_gib
    assert one.requests > other.requests
    assert here.cost != there.cost


def test_an_environment_is_not_compared_with_its_own_target(production: Environment) -> None:
    with pytest.raises(BlueprintError, match="on aks already"):
        diff_targets.compare(production, "aks", FOLDER)


def test_an_unknown_target_is_told_with_those_there_are(production: Environment) -> None:
    with pytest.raises(BlueprintError, match="is on moon") as refused:
        diff_targets.compare(production, "moon", FOLDER)
    assert "--environment-file" in refused.value.next_step


def test_a_file_of_another_target_is_refused(production: Environment) -> None:
    with pytest.raises(BlueprintError, match=r"eu-staging\.yaml is on aks, not on kapsule"):
        diff_targets.compare(production, "kapsule", FOLDER, FOLDER / "eu-staging.yaml")


@pytest.mark.parametrize(("name", "target"), MOVES)
def test_every_move_shows_both_sides_and_what_must_be_changed(name: str, target: str) -> None:
    difference = diff_targets.compare(ALL[name], target, FOLDER)
    assert (difference.here.target, difference.there.target) == (ALL[name].cluster.target, target)
    assert difference.here.guarantees
    assert set(difference.there.models) == set(ALL[name].models)
    errors = [finding for finding in difference.findings if finding.severity == "error"]
    assert (difference.there.resources is None) == bool(errors)
    paragraphs = dict(diff_targets.render(difference))
    assert paragraphs["To change by hand"] == (["nothing"] if not errors else paragraphs["To change by hand"])
    assert all(len(lines) for lines in paragraphs.values())


def test_two_valid_sides_show_resources_and_guarantees(production: Environment) -> None:
    small = production.model_copy(update={"apis": {}})
    one, other = diff_targets._describe([production, small])
    assert one["resources"]["azurerm_cognitive_deployment"] == 4
    assert "azurerm_cognitive_deployment" not in other["resources"]
    lines = diff_targets._kinds(one["resources"], other["resources"])
    assert "azurerm_private_endpoint: 4 → 3" in lines
    assert [line for line in lines if line.startswith("gone: ") and "azurerm_cognitive_deployment" in line]
    assert not [line for line in lines if "azurerm_kubernetes_cluster:" in line]
    assert diff_targets._kinds(one["resources"], one["resources"]) == ["the same"]
    assert diff_targets._pairs({"api_server": "private"}, {"api_server": "public"}) == ["api server: private → public"]
