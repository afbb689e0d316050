"""Everything that has metrics is scraped, by a chart's monitor or by ours."""

import pytest

from tests.modules.platform import platform


@pytest.mark.parametrize("name", ["eu-prod", "dev"])
def test_every_model_is_scraped_twice_as_often_as_keda_asks(name: str) -> None:
    found = platform(name)
    for model in found.cluster.env.models:
        monitor = found.object("PodMonitor", model)["spec"]
        labels = found.object("Deployment", model)["spec"]["template"]["metadata"]["labels"]
        assert monitor["selector"]["matchLabels"].items() <= labels.items()
        assert monitor["podMetricsEndpoints"] == [{"interval": "15s", "port": "http"}]
        assert found.object("ScaledObject", model)["spec"]["pollingInterval"] == 30


def test_add_ons_whose_charts_bring_no_monitor_have_ours() -> None:
    namespaces = {item["metadata"]["namespace"] for item in platform("eu-prod").objects("PodMonitor")}
    assert namespaces == {"cert-manager", "external-secrets", "envoy-gateway-system", "envoy-ai-gateway-system", "inference"}


def test_the_charts_bring_the_others() -> None:
    found = platform("eu-prod")
    keda = found.values("keda")["prometheus"]
    assert all(keda[part]["serviceMonitor"]["enabled"] for part in ("operator", "metricServer", "webhooks"))
    assert found.values("node-exporter")["prometheus"]["monitor"]["enabled"] is True
    assert found.values("mlflow")["serviceMonitor"]["enabled"] is True


def test_both_halves_of_a_proxy_are_scraped() -> None:
    ports = platform("eu-prod").object("PodMonitor", "proxies")["spec"]["podMetricsEndpoints"]
    assert [(port["port"], port.get("path", "/metrics")) for port in ports] == [
        ("metrics", "/stats/prometheus"),
        ("aigw-admin", "/metrics"),
    ]
