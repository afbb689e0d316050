"""Who is scraped, and that pod, model and card can be joined by what is left on the series."""

import pytest

from modules.monitoring.metrics import load
from modules.monitoring.monitors import ABOUT_GPUS, ABOUT_SCALED_OBJECTS, monitors
from tests.modules.fake_cluster import FakeCluster
from tests.modules.platform import Platform, environment, platform


class ProvidersOperator(FakeCluster):
    brings_gpu_operator = True


def test_every_series_has_the_cluster_it_is_from() -> None:
    (scrape_class,) = platform("eu-prod").values("kube-prometheus-stack")["prometheus"]["prometheusSpec"]["scrapeClasses"]
    assert scrape_class["default"] is True
    assert scrape_class["relabelings"] == [{"targetLabel": "cluster", "replacement": "eu-prod"}]


def test_cards_are_labelled_alike_whoever_brings_the_operator() -> None:
    ours = platform("eu-prod").values("gpu-operator")["dcgmExporter"]["serviceMonitor"]["relabelings"]
    theirs = Platform(environment("eu-prod"), ProvidersOperator).object("PodMonitor", "gpus")["spec"]["podMetricsEndpoints"][0][
        "relabelings"
    ]
    assert ours == theirs == list(ABOUT_GPUS)


def test_scalers_are_about_their_own_namespace() -> None:
    keda = platform("eu-prod").values("keda")["prometheus"]
    assert {str(keda[part]["serviceMonitor"]["relabelings"]) for part in keda} == {str(list(ABOUT_SCALED_OBJECTS))}


@pytest.mark.parametrize("name", ["cert-manager", "external-secrets"])
def test_certificates_and_secrets_keep_their_namespace(name: str) -> None:
    monitor = next(item for item in monitors(platform("eu-prod").cluster) if item["metadata"]["name"] == name)
    assert [endpoint["honorLabels"] for endpoint in monitor["spec"]["podMetricsEndpoints"]] == [True]


def test_the_contract_knows_what_the_scrape_takes_away() -> None:
    """A label that is dropped from a target must not be promised to whoever writes a query."""
    exporters = load()
    dropped = set(str(ABOUT_GPUS[0]["regex"]).split("|"))
    assert not dropped & set(exporters["dcgm"].target)
    assert {"namespace", "pod", "node"} <= {*exporters["dcgm"].labels, *exporters["dcgm"].target}
    assert "namespace" not in exporters["keda"].target


def test_grafana_reads_dashboards_of_its_own_namespace_and_no_secrets() -> None:
    grafana = platform("eu-prod").values("kube-prometheus-stack")["grafana"]
    assert grafana["rbac"] == {"namespaced": True}
    assert grafana["sidecar"]["dashboards"]["searchNamespace"] == "monitoring"
    assert {grafana["sidecar"][part]["resource"] for part in ("dashboards", "datasources")} == {"configmap"}
