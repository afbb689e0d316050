"""The GPU layer: whole cards, MIG slices and shared time, from the environment down to nodes, operator and pods."""

from typing import Any

import pytest
import yaml

from blueprint.environment import Environment
from blueprint.environment.checks import Finding, run
from blueprint.environment.document import show
from blueprint.hosting import accelerator
from blueprint.sizing import size_deployment
from modules import clusters
from modules.clusters.base import Cluster
from tests.modules.platform import Object, Platform, environment
from tests.modules.synth import synth

PUBLIC = {"zone": "eu-resident", "data_class": "internal"}
SMALL = {"model": "phi-4-14b", "format": "bf16", "max_context_tokens": 8192, "pool": "gpu"}


def changed(pool: dict[str, Any], model: dict[str, Any] | None = None, **sections: Any) -> Environment:
    """eu-staging with another GPU pool and one small model on it."""
    cluster = environment("eu-staging").cluster.model_dump(mode="json")
    machine = {"instance": "Standard_NC40ads_H100_v5", "min": 1, "max": 2}
    cluster["gpu_pools"] = {"gpu": {**machine, **pool}}
    return environment("eu-staging", cluster=cluster, models={"chat": {**SMALL, **(model or {})}}, **sections)


def errors(env: Environment) -> dict[str, Finding]:
    return {show(finding.place): finding for finding in run(env) if finding.severity == "error"}


SLICES = {"mig": {"profile": "3g.47gb"}}
SHARES = {"time_slicing": {"replicas": 2}}


class TestMig:
    def test_a_slice_has_the_memory_its_card_gives_it(self) -> None:
        found = accelerator(changed(SLICES), "gpu")
        assert (found.per_node, found.gpu.memory_gib) == (2, 46.38)
        assert size_deployment(changed(SLICES), "chat").terms["budget"] == pytest.approx(46.38 * 0.92)

    def test_profiles_are_the_card_s_own(self) -> None:
        finding = errors(changed({"mig": {"profile": "3g.40gb"}}))["cluster.gpu_pools.gpu.mig.profile"]
        assert "no MIG profile of NVIDIA H100 NVL 94 GB" in finding.message
        assert "3g.47gb" in finding.allowed

    def test_a_card_without_known_profiles_is_not_cut(self) -> None:
        env = changed({"instance": "Standard_NC24ads_A100_v4", "mig": {"profile": "3g.40gb"}})
        assert "no MIG profile of NVIDIA A100" in errors(env)["cluster.gpu_pools.gpu.mig.profile"].message

    def test_a_slice_nobody_measured_is_a_warning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from blueprint.catalog import load_catalog

        card = load_catalog().gpus["h100-nvl"]
        assert card.mig is not None
        unknown = {"3g.47gb": card.mig.profiles["3g.47gb"].model_copy(update={"memory_gib": None})}
        cut = card.mig.model_copy(update={"profiles": unknown})
        monkeypatch.setitem(load_catalog().gpus, "h100-nvl", card.model_copy(update={"mig": cut}))
        env = changed(SLICES)
        assert size_deployment(env, "chat").verdict == "measure"
        (finding,) = [finding for finding in run(env) if show(finding.place) == "models.chat"]
        assert (finding.severity, "nobody has read the memory" in finding.message) == ("warning", True)

    def test_a_pool_has_as_many_places_as_slices(self) -> None:
        assert errors(changed(SLICES, {"replicas": {"min": 1, "max": 4}})) == {}
        finding = errors(changed(SLICES, {"replicas": {"min": 1, "max": 5}}))["cluster.gpu_pools.gpu.max"]
        assert "have 4 slices" in finding.message

    def test_an_empty_pool_of_slices_is_refused(self) -> None:
        assert "learns from a running node" in errors(changed({**SLICES, "min": 0}))["cluster.gpu_pools.gpu.min"].message

    def test_a_model_too_large_for_a_slice_is_not_told_to_spread_over_several(self) -> None:
        env = changed(SLICES, {"model": "mistral-small-3.2-24b"})
        assert "tensor_parallel" not in errors(env)["models.chat"].next
        assert "3g.47gb slice of NVIDIA H100 NVL 94 GB" in errors(env)["models.chat"].message

    def test_the_nodes_say_how_to_cut_their_cards_and_aks_leaves_them_alone(self) -> None:
        pool = aks_pool(changed(SLICES))
        assert pool["node_labels"]["nvidia.com/mig.config"] == "all-3g.47gb"
        assert "gpu_instance" not in pool

    def test_pods_wait_for_cut_cards_and_ask_for_one_slice(self) -> None:
        pod = on_premises("search")
        assert pod["nodeSelector"]["nvidia.com/mig.config.state"] == "success"
        assert pod["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == 1
        assert "nvidia.com/mig.config.state" not in on_premises("analysis")["nodeSelector"]

    def test_the_operator_advertises_slices_like_cards(self) -> None:
        values = operator(environment("dc-prod"))
        assert values["mig"] == {"strategy": "single"}
        assert values["migManager"]["enabled"] is True


class TestTimeSlicing:
    def test_data_that_needs_isolation_is_refused(self) -> None:
        personal = {"zone": "eu-resident", "data_class": "personal", "conditions": {"processor_contract": "2026-01-01"}}
        assert "needs isolation" in errors(changed(SHARES, data_residency=personal))["cluster.gpu_pools.gpu.time_slicing"].message
        assert errors(changed(SHARES, data_residency=PUBLIC)) == {}

    def test_all_takers_together_stay_within_the_card(self) -> None:
        for takers in (2, 3, 8):
            share = float(size_deployment(changed({"time_slicing": {"replicas": takers}}), "chat").flags["gpu_memory_utilization"])
            assert 0.85 < takers * share <= 0.92

    def test_shares_are_advertised_under_a_name_nobody_asks_for_by_accident(self) -> None:
        config = operator(changed(SHARES))["devicePlugin"]["config"]
        rule = yaml.safe_load(config["data"]["shared-2"])["sharing"]["timeSlicing"]
        assert (rule["renameByDefault"], rule["failRequestsGreaterThanOne"]) == (True, True)
        assert config["default"] in config["data"]
        assert "sharing" not in yaml.safe_load(config["data"][config["default"]])

    def test_nodes_and_pods_name_the_same_sharing(self) -> None:
        env = changed(SHARES)
        assert aks_pool(env)["node_labels"]["nvidia.com/device-plugin.config"] == "shared-2"
        cluster = built(env)
        assert cluster.gpu_nodes["gpu"].resource == "nvidia.com/gpu.shared"

    def test_a_node_shares_in_one_way_only(self) -> None:
        with pytest.raises(ValueError, match="exclude each other"):
            changed({**SLICES, **SHARES})


class TestNvlink:
    def test_a_replica_on_gpus_that_talk_over_pcie_is_refused(self) -> None:
        env = environment("dc-prod")
        kinds = {**env.cluster.node_types, "hgx": env.cluster.node_types["hgx"].model_copy(update={"nvlink_gpus": 2})}  # type: ignore[union-attr]
        changed = env.model_copy(update={"cluster": env.cluster.model_copy(update={"node_types": kinds})})
        finding = errors(changed)["models.analysis.tensor_parallel"]
        assert "NVLink joins 2 GPUs of hgx" in finding.message
        assert "128 instead of 900 GB/s" in finding.message

    def test_a_replica_cannot_be_split_over_slices_or_shares(self) -> None:
        large = {"instance": "Standard_NC80adis_H100_v5"}
        for sharing, said in ((SLICES, "cannot talk to each other"), (SHARES, "one share of one card")):
            assert said in errors(changed({**large, **sharing}, {"tensor_parallel": 2}))["models.chat.tensor_parallel"].message

    def test_two_bridged_cards_carry_a_split_replica(self) -> None:
        assert errors(changed({"instance": "Standard_NC80adis_H100_v5"}, {"tensor_parallel": 2})) == {}

    def test_where_nobody_has_looked_it_is_a_warning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from blueprint.catalog import load_catalog

        machines = load_catalog().providers["azure"].instances
        unknown = machines["Standard_NC80adis_H100_v5"].model_copy(update={"nvlink_gpus": None})
        monkeypatch.setitem(machines, "Standard_NC80adis_H100_v5", unknown)
        found = list(run(changed({"instance": "Standard_NC80adis_H100_v5"}, {"tensor_parallel": 2})))
        (finding,) = [finding for finding in found if show(finding.place) == "models.chat.tensor_parallel"]
        assert finding.severity == "warning"


def test_whole_cards_need_no_label_and_no_setting() -> None:
    env = changed({})
    assert aks_pool(env)["node_labels"] == {"inference/pool": "gpu"}
    assert not {"mig", "devicePlugin"} & {key for key in operator(env) if key == "mig" or "config" in operator(env)[key]}


def test_a_confidential_card_is_sized_like_its_open_twin_and_not_promised_anywhere() -> None:
    env = changed({"instance": "Standard_NCC40ads_H100_v5"})
    assert errors(env) == {}
    assert [finding for finding in run(env) if "unverified" in finding.message]


def built(env: Environment) -> Cluster:
    holder: list[Cluster] = []
    synth(lambda stack: holder.append(clusters.build(stack, env)), env.name)
    return holder[0]


def aks_pool(env: Environment) -> dict[str, Any]:
    stack = synth(lambda scope: clusters.build(scope, env), env.name)
    (pool,) = stack["resource"]["azurerm_kubernetes_cluster_node_pool"].values()
    return dict(pool)


def operator(env: Environment) -> Object:
    return Platform(env).values("gpu-operator")


def on_premises(model: str) -> Object:
    from tests.modules.test_onprem import dc_prod

    pod: Object = dc_prod().object("Deployment", model)["spec"]["template"]["spec"]
    return pod
