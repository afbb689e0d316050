"""Which words of a text are hosts of somebody else."""

import pytest

from blueprint.whereabouts.mentions import hosts


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("data.x", "https://api.openai.com/v1", ["api.openai.com"]),
        ("data.x", "HTTPS://user:pw@API.OPENAI.COM:443/", ["API.OPENAI.COM"]),
        ("data.x", "https://api%2eopenai%2ecom", ["api.openai.com"]),
        ("data.x", "mongodb://a.svc:1,b.example:2/x", ["a.svc", "b.example"]),
        ("data.x", "b.example:9092", ["b.example"]),
        ("data.x", "host=b.example port=5432", ["b.example"]),
        ("data.x", "Server=tcp:b.example,1433", ["b.example"]),
        ("data.x", "git@b.example:a/b", ["b.example"]),
        ("data.x", "user:pw@tcp(b.example:3306)/x", ["b.example"]),
        ("data.server", "b.example", ["b.example"]),
        ("data.x", "b.example", []),
        ("data.x", "mail@b.example", []),
        ("data.x", "com.acme.Main", []),
        ("data.x", "1.2.3", []),
        ("data.description", "https://b.example", []),
        ("spec.ingress.hosts[0]", "b.example", []),
        ("data.root_url", "https://b.example", []),
        ("data.root_url", "https://api.openai.com", ["api.openai.com"]),
        ("spec.filters[0].urlRewrite.hostname", "b.example", ["b.example"]),
        ("spec.args.--data", "resource=https://cognitiveservices.azure.com", []),
        ("data.x", "https://$(HOST)/v1", []),
        ("data.proxy_pass", "https://b.example$request_uri", ["b.example"]),
        ("data.config.Host.HostName", "b.example", ["b.example"]),
        ("spec.hostname", "b.example", []),
        ("data.cache_peer", "b.example parent 3128 0", ["b.example"]),
        ("spec.peerIP", "203.0.113.9", ["203.0.113.9"]),
        ("spec.loadBalancerIP", "203.0.113.9", []),
        ("metadata.annotations.nginx.ingress.kubernetes.io/auth-url", "https://b.example", ["b.example"]),
        ("spec.taints[0]", "nvidia.com/gpu=present:NoSchedule", []),
    ],
)
def test_hosts_are_found_and_lookalikes_are_not(path: str, text: str, found: list[str]) -> None:
    assert list(hosts(path, text)) == found


def test_a_service_of_the_catalogue_is_meant_under_any_key_of_free_text() -> None:
    assert list(hosts("data.x", "api.openai.com", loose=True)) == ["api.openai.com"]
    assert list(hosts("spec.driver", "disk.csi.azure.com", loose=True)) == []


def test_a_sentence_is_no_configuration() -> None:
    assert list(hosts("data.x", "for more about it ask the people at www.microsoft.com some day", loose=True)) == []
