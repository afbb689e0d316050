"""Add-ons: values their charts know, images from the private registry, nothing that calls home."""

import csv
import json
from typing import Any

import pytest

from blueprint.catalog import load_catalog
from blueprint.monitoring import load
from blueprint.sizing import size_deployment
from modules import addons
from modules.addons.gpu_operator import METRICS, merge
from modules.addons.kube_prometheus_stack import REPLACED
from modules.resources.engine import Stack
from tests.modules.fake_cluster import REGISTRY, FakeCluster
from tests.modules.kubernetes_schemas import FOLDER, chart_alerts, chart_version, value_complaints
from tests.modules.platform import Platform, app, environment, platform

ENVIRONMENTS = ["eu-prod", "dev"]
FOREIGN = ("docker.io/", "ghcr.io", "quay.io", "nvcr.io", "registry.k8s.io", "mcr.microsoft.com")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_value_is_known_to_its_chart(name: str) -> None:
    complaints = [complaint for chart, values in platform(name).charts() for complaint in value_complaints(chart, values)]
    assert not complaints


def test_an_unknown_value_is_caught_with_the_nearest_one() -> None:
    complaints = value_complaints("keda", {"operator": {"replicaCounts": 2}})
    assert complaints == ["keda knows no value operator.replicaCounts; nearest: operator.replicaCount"]


def test_an_unknown_value_of_a_chart_in_the_chart_is_caught() -> None:
    complaints = value_complaints("kube-prometheus-stack", {"grafana": {"images": {"registry": "x"}}})
    assert complaints == ["kube-prometheus-stack knows no value grafana.images.registry; nearest: grafana.image.registry"]


def test_anything_goes_below_an_open_map() -> None:
    assert not value_complaints("keda", {"nodeSelector": {"anything": "goes"}})


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_chart_comes_from_the_private_registry_at_the_version_we_have_the_values_of(name: str) -> None:
    for release in platform(name).releases.values():
        if release["chart"].startswith("oci://"):
            chart = release["chart"].removeprefix(f"oci://{REGISTRY}/charts/")
            assert "/" not in chart
            if (FOLDER / "charts" / f"{chart}.json").exists():
                assert release["version"] == chart_version(chart)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_no_value_and_no_object_names_a_foreign_registry(name: str) -> None:
    found = [text for release in platform(name).releases for text in strings(platform(name).releases[release]) if foreign(text)]
    assert not found


def test_a_foreign_registry_would_be_noticed() -> None:
    assert foreign("image: docker.io/grafana/grafana:13")
    assert not foreign(f"image: {REGISTRY}/docker.io/grafana/grafana:13")


def test_add_ons_come_after_those_they_need() -> None:
    found = addons.find(FakeCluster(Stack(app(), "order"), environment("dev")))
    order = addons.in_order(found)
    assert set(order) == set(found)
    assert all(order.index(need) < order.index(name) for name, addon in found.items() for need in addon.needs)


def test_every_need_is_an_add_on() -> None:
    found = addons.find(FakeCluster(Stack(app(), "needs"), environment("dev")))
    assert {need for addon in found.values() for need in addon.needs} <= set(found)


def test_the_gpu_operator_stays_away_where_the_provider_brings_one() -> None:
    class Managed(FakeCluster):
        brings_gpu_operator = True

    managed = Platform(environment("dev"), Managed)
    assert "gpu-operator" not in {release["name"] for release in managed.releases.values()}
    assert "gpu-operator" not in {item["metadata"]["name"] for item in managed.objects("Namespace")}
    assert not [item for item in managed.objects("NetworkPolicy") if item["metadata"]["namespace"] == "gpu-operator"]


def test_what_the_cluster_says_about_gpus_counts() -> None:
    assert merge({"driver": {"enabled": False, "version": "1"}}, {"driver": {"enabled": True}}) == {
        "driver": {"enabled": True, "version": "1"}
    }
    assert platform("eu-prod").values("gpu-operator")["driver"]["enabled"] is True


def test_gpu_metrics_include_what_the_default_list_leaves_out() -> None:
    rows = [row for row in csv.reader(METRICS.read_text().splitlines(), skipinitialspace=True) if not row[0].startswith("#")]
    assert all(len(row) == 3 and row[1] in {"gauge", "counter", "label"} for row in rows)
    fields = [row[0] for row in rows]
    assert len(fields) == len(set(fields))
    assert {
        "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL",
        "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL",
        "DCGM_FI_DEV_RETIRED_PENDING",
        "DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL",
        "DCGM_FI_DEV_THERMAL_VIOLATION",
        "DCGM_FI_PROF_SM_ACTIVE",
        "DCGM_EXP_XID_ERRORS_COUNT",
    } <= set(fields)
    assert platform("eu-prod").values("gpu-operator")["dcgmExporter"]["config"]["data"] == METRICS.read_text()


def test_alerts_of_the_chart_that_ours_replace_are_off() -> None:
    assert platform("eu-prod").values("kube-prometheus-stack")["defaultRules"] == {"disabled": dict.fromkeys(REPLACED, True)}
    assert set(REPLACED) <= chart_alerts("kube-prometheus-stack")
    assert set(REPLACED.values()) <= set(load().alerts)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_pod_may_take_as_long_to_be_ready_as_the_slowest_model_does_on_a_new_node(name: str) -> None:
    """The chart says 15 minutes; its key is one its template reads."""
    wait = platform(name).values("kube-prometheus-stack")["customRules"]["KubePodNotReady"]["for"]
    slowest = max(size_deployment(environment(name), model).cold_start_seconds for model in environment(name).models)
    assert slowest <= 60 * int(wait.removesuffix("m")) < slowest + 60
    assert "KubePodNotReady" in chart_alerts("kube-prometheus-stack")


def test_the_alert_on_cold_starts_allows_the_catalogues_time_for_a_node() -> None:
    assert load().alerts["ColdStartOverBudget"].parameters["node"].value == load_catalog().engines["vllm"].node_seconds.value


def test_no_alert_of_ours_is_called_like_one_the_chart_still_has() -> None:
    assert set(load().alerts) & chart_alerts("kube-prometheus-stack") <= set(REPLACED)


def test_prometheus_sees_monitors_of_every_namespace_and_keeps_what_the_environment_asks() -> None:
    spec = platform("eu-prod").values("kube-prometheus-stack")["prometheus"]["prometheusSpec"]
    assert [spec[f"{kind}SelectorNilUsesHelmValues"] for kind in ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig")] == [
        False
    ] * 5
    assert spec["retention"] == "30d"
    assert spec["storageSpec"]["volumeClaimTemplate"]["spec"]["resources"]["requests"]["storage"] == "200Gi"


def test_grafana_calls_nobody_and_has_no_password_in_its_values() -> None:
    grafana = platform("eu-prod").values("kube-prometheus-stack")["grafana"]
    ini = grafana["grafana.ini"]
    assert set(ini["analytics"].values()) == {False}
    assert ini["snapshots"] == {"external_enabled": False}
    assert "adminPassword" not in grafana
    login = platform("eu-prod").object("ExternalSecret", grafana["admin"]["existingSecret"])
    assert login["spec"]["data"][0]["remoteRef"]["key"] == "grafana-admin-password"


def test_the_insecure_session_seed_of_the_ai_gateway_is_replaced() -> None:
    controller = platform("eu-prod").values("ai-gateway")["controller"]
    assert controller["mcp"]["sessionEncryption"]["seed"] == "$(SESSION_SEED)"
    assert controller["extraEnvVars"][0]["valueFrom"]["secretKeyRef"] == {"name": "session-seed", "key": "seed"}


def test_envoy_gateway_lets_the_ai_gateway_in() -> None:
    config = platform("eu-prod").values("envoy-gateway")["config"]["envoyGateway"]
    assert config["extensionApis"] == {"enableBackend": True}
    assert config["extensionManager"]["service"]["fqdn"]["hostname"].startswith("ai-gateway-controller.envoy-ai-gateway-system.")


def test_the_secret_store_is_the_clusters() -> None:
    assert platform("eu-prod").object("ClusterSecretStore", "environment")["spec"]["provider"] == platform("eu-prod").cluster.secret_store


def test_namespaces_are_restricted_unless_an_add_on_must_reach_into_the_node() -> None:
    levels = {
        item["metadata"]["name"]: item["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        for item in platform("eu-prod").objects("Namespace")
    }
    assert {name for name, level in levels.items() if level != "restricted"} == {"gpu-operator", "node-exporter"}
    assert {"inference", "gateway", "mlflow", "monitoring", "keda"} <= set(levels)


def test_realtime_models_come_before_batch_models_which_evict_nobody() -> None:
    realtime, batch = (platform("eu-prod").object("PriorityClass", f"inference-{name}") for name in ("realtime", "batch"))
    assert realtime["value"] > batch["value"] > 0
    assert batch["preemptionPolicy"] == "Never"
    assert realtime["description"]
    assert batch["description"]


def strings(value: Any) -> list[str]:
    return json.dumps(value).replace("\\n", "\n").splitlines()


def foreign(text: str) -> bool:
    return any(host in text.replace(f"{REGISTRY}/{host}", "") for host in FOREIGN)
