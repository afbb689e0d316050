"""Model deployments: flags from sizing, checked weights, clean starts and stops, nothing that leaves the zone."""

import os
import re
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from blueprint.catalog import load_catalog
from blueprint.sizing import size_deployment, wording
from modules.serving import weights
from modules.serving.deployment import Deployment
from tests.modules.fake_cluster import FakeCluster
from tests.modules.platform import Object, Platform, environment, platform

MODEL = {"model": "qwen3.5-27b", "format": "fp8", "max_context_tokens": 8192, "pool": "h100"}


def deployment(name: str = "analysis", of: Platform | None = None) -> Object:
    return (of or platform("eu-prod")).object("Deployment", name)


def pod(name: str = "analysis", of: Platform | None = None) -> Object:
    spec: Object = deployment(name, of)["spec"]["template"]["spec"]
    return spec


def server(name: str = "analysis", of: Platform | None = None) -> Object:
    container: Object = pod(name, of)["containers"][0]
    return container


def flags(name: str = "analysis", of: Platform | None = None) -> dict[str, str]:
    pairs = (argument.partition("=") for argument in server(name, of)["args"] if argument.startswith("--"))
    return {key: value for key, _, value in pairs}


def with_models(**models: Any) -> Platform:
    """eu-prod with other models, on nodes with two GPUs."""

    class TwoGpus(FakeCluster):
        gpus_per_node = 2

    return Platform(
        environment("eu-prod", models=models, gateway={"hostname": "a.example", "teams": {"one": {"data_class": "public"}}}), TwoGpus
    )


@pytest.mark.parametrize("name", ["analysis", "classify", "nightly"])
def test_engine_flags_are_exactly_what_sizing_says(name: str) -> None:
    sizing = size_deployment(environment("eu-prod"), name)
    for flag, value in sizing.flags.items():
        assert flags(name)[f"--{flag.replace('_', '-')}"] == str(value)


ADAPTED = {**MODEL, "adapters": {"names": ["contracts", "letters"], "max_rank": 32}}


def test_adapters_are_deployed_as_they_are_sized() -> None:
    args = server("analysis", with_models(analysis=ADAPTED))["args"]
    sizing = size_deployment(environment("eu-prod", models={"analysis": ADAPTED}), "analysis")
    assert (sizing.flags["max_loras"], sizing.flags["max_lora_rank"]) == (2, 32)
    assert set(wording.arguments(sizing.flags, "=")) <= set(args)
    assert "--enable-lora" in args
    first = args.index("--lora-modules") + 1
    assert args[first : first + 2] == ["contracts=/weights/adapters/contracts", "letters=/weights/adapters/letters"]
    assert args[first + 2].startswith("--")


def test_experts_are_spread_as_they_are_sized() -> None:
    mixture = {**MODEL, "model": "qwen3.5-122b-a10b", "format": "bf16", "tensor_parallel": 4, "expert_parallel": True}
    sizing = size_deployment(environment("eu-prod", models={"analysis": mixture}), "analysis")
    args = server("analysis", with_models(analysis=mixture))["args"]
    assert "--enable-expert-parallel" in args
    assert set(wording.arguments(sizing.flags, "=")) <= set(args)


def test_nothing_is_said_of_adapters_where_there_are_none() -> None:
    assert not any("lora" in argument for argument in server("analysis")["args"])


def test_fewer_adapters_at_once_than_there_are_take_less_room() -> None:
    few = environment("eu-prod", models={"analysis": {**MODEL, "adapters": {"names": ["a", "b", "c"], "at_once": 1}}})
    all_of_them = environment("eu-prod", models={"analysis": {**MODEL, "adapters": {"names": ["a", "b", "c"]}}})
    found = [size_deployment(env, "analysis") for env in (few, all_of_them)]
    assert [sizing.flags["max_loras"] for sizing in found] == [1, 3]
    assert found[1].terms["adapters"] == pytest.approx(3 * found[0].terms["adapters"])


def test_gpus_and_tensor_parallelism_agree() -> None:
    wide = with_models(wide={**MODEL, "tensor_parallel": 2})
    assert server("wide", wide)["resources"]["limits"]["nvidia.com/gpu"] == 2
    assert flags("wide", wide)["--tensor-parallel-size"] == "2"


def test_tensor_parallelism_gets_shared_memory() -> None:
    wide = with_models(wide={**MODEL, "tensor_parallel": 2})
    assert {"name": "shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": "2Gi"}} in pod("wide", wide)["volumes"]
    assert "shared-memory" not in {volume["name"] for volume in pod("analysis")["volumes"]}


def test_every_gpu_machine_in_the_catalogue_has_room_for_what_a_model_asks() -> None:
    asked = server()["resources"]
    machines = [machine for provider in load_catalog().providers.values() for machine in provider.instances.values() if machine.gpus]
    assert machines
    for machine in machines:
        assert asked["requests"]["cpu"] < machine.vcpus / machine.gpus
        assert int(asked["limits"]["memory"].removesuffix("Gi")) < machine.memory_gib / machine.gpus


def test_the_served_name_is_the_deployments() -> None:
    assert flags()["--served-model-name"] == "analysis"


def test_streams_are_metered_and_code_from_weights_is_never_run() -> None:
    assert "--enable-force-include-usage" in server()["args"]
    assert "--disable-fastapi-docs" in server()["args"]
    assert not any("trust-remote-code" in argument for argument in server()["args"])


def test_a_full_engine_refuses_with_room_for_one_more_batch() -> None:
    assert int(flags()["--max-num-queued-reqs"]) == 2 * int(flags()["--max-num-seqs"])


def test_the_engine_is_offline_silent_and_asks_for_a_key() -> None:
    environment = {item["name"]: item for item in server()["env"]}
    assert [environment[name]["value"] for name in ("HF_HUB_OFFLINE", "VLLM_NO_USAGE_STATS", "DO_NOT_TRACK")] == ["1", "1", "1"]
    assert environment["VLLM_API_KEY"]["valueFrom"]["secretKeyRef"] == {"name": "analysis-api-key", "key": "apiKey"}
    assert "VLLM_SERVER_DEV_MODE" not in environment


@pytest.mark.parametrize("name", ["analysis", "classify", "nightly"])
def test_pods_meet_the_restricted_level_without_writing_to_their_image(name: str) -> None:
    spec = pod(name)
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    for container in (*spec["containers"], *spec["initContainers"]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_every_mount_has_its_volume() -> None:
    for container in (*pod()["containers"], *pod()["initContainers"]):
        assert {mount["name"] for mount in container["volumeMounts"]} <= {volume["name"] for volume in pod()["volumes"]}


def test_the_startup_budget_is_sizings() -> None:
    probe = server()["startupProbe"]
    seconds = probe["periodSeconds"] * probe["failureThreshold"]
    wanted = size_deployment(environment("eu-prod"), "analysis").startup_seconds
    assert wanted <= seconds < wanted + probe["periodSeconds"]
    assert "initialDelaySeconds" not in server()["livenessProbe"]


@pytest.mark.parametrize("name", ["analysis", "nightly"])
def test_a_stopping_pod_has_time_to_leave_and_to_finish(name: str) -> None:
    leave = server(name)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod(name)["terminationGracePeriodSeconds"] > leave + int(flags(name)["--shutdown-timeout"])


def test_a_spot_pod_is_gone_within_its_notice() -> None:
    assert pod("nightly")["terminationGracePeriodSeconds"] <= 30


def test_priority_and_pool_are_the_environments() -> None:
    assert pod("analysis")["priorityClassName"] == "inference-realtime"
    assert pod("nightly")["priorityClassName"] == "inference-batch"
    assert pod("nightly")["nodeSelector"] == {"example/pool": "batch"}
    assert pod("nightly")["tolerations"]


def test_labels_say_who_serves_what() -> None:
    labels = deployment()["spec"]["template"]["metadata"]["labels"]
    assert labels["sovereign-inference/deployment"] == "analysis"
    assert labels["sovereign-inference/model"] == "qwen3.5-27b"
    assert labels["sovereign-inference/format"] == "fp8"
    assert deployment()["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_replicas_are_left_to_the_autoscaler() -> None:
    assert "replicas" not in deployment()["spec"]


def test_apply_does_not_wait_for_models() -> None:
    waits = {release["name"]: release["wait"] for release in platform("eu-prod").releases.values()}
    assert [waits[f"model-{name}"] for name in ("analysis", "classify", "nightly")] == [False] * 3


def test_a_spare_gpu_lets_the_new_pod_come_first() -> None:
    assert deployment("analysis")["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_without_a_spare_gpu_the_old_pod_leaves_first() -> None:
    assert deployment("nightly")["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}


@pytest.mark.parametrize(
    ("spare", "gpus", "nodes", "room"), [(1, 1, 4, True), (0, 1, 4, False), (2, 2, 1, True), (4, 2, 4, False), (5, 2, 4, True)]
)
def test_scattered_gpus_are_no_room(spare: int, gpus: int, nodes: int, room: bool) -> None:
    """Four free GPUs on four nodes may be one on each: no place for a replica of two."""
    wide = with_models(wide={**MODEL, "tensor_parallel": gpus})
    wide.cluster.secrets.clear()
    found = Deployment.of(wide.cluster, "wide")
    nodes_of_pool = type(found.nodes)(**{**vars(found.nodes), "max_nodes": nodes})
    assert type(found)(**{**vars(found), "spare_gpus": spare, "nodes": nodes_of_pool}).has_room_to_surge is room


def test_a_single_replica_never_blocks_a_drain() -> None:
    budget = platform("eu-prod").object("PodDisruptionBudget", "classify")["spec"]
    assert budget["maxUnavailable"] == 1
    assert "minAvailable" not in budget


def test_the_service_account_is_the_one_the_cloud_knows() -> None:
    account = platform("eu-prod").object("ServiceAccount", pod()["serviceAccountName"])
    assert account["automountServiceAccountToken"] is False
    assert account["metadata"]["annotations"]["identity.example/client-id"] == "${fake_identity.model.id}"
    assert deployment()["spec"]["template"]["metadata"]["labels"]["identity.example/use"] == "true"


class TestWeights:
    """The script of the init container, run for real against a folder that stands for the object store."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Path:
        folder = tmp_path / "store" / "weights" / "m" / "f"
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
        (folder / "model.safetensors").write_text("weights")
        sums = subprocess.run(["sha256sum", "config.json", "model.safetensors"], cwd=folder, capture_output=True, text=True, check=True)
        (folder / "SHA256SUMS").write_text(sums.stdout)
        return folder

    def fetch(self, store: Path, digest: str = "") -> subprocess.CompletedProcess[str]:
        if which("rclone") is None:
            pytest.skip("rclone is not installed")
        target = store.parents[3] / "node"
        environment = {
            "PATH": os.environ["PATH"],
            "RCLONE_CONFIG": "/dev/null",
            "RCLONE_CONFIG_STORE_TYPE": "alias",
            "RCLONE_CONFIG_STORE_REMOTE": str(store.parents[2]),
            "WEIGHTS": "store:weights/m/f",
            "WEIGHTS_SHA256": digest,
        }
        script = weights.SCRIPT.replace(weights.PATH, str(target))
        return subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=False)

    def test_good_weights_arrive(self, store: Path) -> None:
        digest = subprocess.run(["sha256sum", store / "SHA256SUMS"], capture_output=True, text=True, check=True).stdout.split()[0]
        assert self.fetch(store, digest).returncode == 0
        assert (store.parents[3] / "node" / "model.safetensors").read_text() == "weights"

    def test_changed_weights_stop_the_pod(self, store: Path) -> None:
        (store / "model.safetensors").write_text("WEIGHTS")
        assert self.fetch(store).returncode != 0

    def test_missing_weights_stop_the_pod(self, store: Path) -> None:
        (store / "model.safetensors").unlink()
        assert self.fetch(store).returncode != 0

    def test_a_file_nobody_listed_stops_the_pod(self, store: Path) -> None:
        (store / "modeling_evil.py").write_text("import os")
        assert self.fetch(store).returncode != 0

    def test_weights_without_a_list_stop_the_pod(self, store: Path) -> None:
        (store / "SHA256SUMS").unlink()
        assert self.fetch(store).returncode != 0

    def test_another_list_than_the_pinned_one_stops_the_pod(self, store: Path) -> None:
        assert self.fetch(store, "0" * 64).returncode != 0


def test_weights_come_from_the_zone_and_the_digest_travels_along() -> None:
    pinned = with_models(pinned={**MODEL, "weights_digest": f"sha256:{'a' * 64}"})
    variables = {item["name"]: item["value"] for item in pod("pinned", pinned)["initContainers"][0]["env"]}
    assert variables["WEIGHTS"] == "store:weights/qwen3.5-27b/fp8"
    assert variables["WEIGHTS_SHA256"] == "a" * 64
    assert variables["RCLONE_CONFIG_STORE_TYPE"] == "azureblob"


def test_images_are_pinned() -> None:
    for container in (*pod()["containers"], *pod()["initContainers"]):
        assert re.search(r":v?\d+\.\d+\.\d+$", container["image"])
