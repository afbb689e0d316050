"""Which destinations a pod can reach, held against Kubernetes' own rules."""

from typing import Any

import pytest

from blueprint.facts import Facts, Resource, Unknown
from blueprint.reachability import ANYWHERE, matches, reach

APP = {"app": "vllm"}


def pod(labels: dict[str, str] | None = None, namespace: str = "inference", **spec: Any) -> Resource:
    template = {"metadata": {"labels": APP if labels is None else labels}, "spec": spec}
    return Resource("k8s.Deployment", "vllm", {"metadata": {"name": "vllm", "namespace": namespace}, "spec": {"template": template}})


def policy(spec: dict[str, Any], kind: str = "NetworkPolicy", namespace: str = "inference") -> Resource:
    return Resource(f"k8s.{kind}", f"{kind}/{spec}", {"metadata": {"name": "p", "namespace": namespace}, "spec": spec})


def destinations(workload: Resource, *policies: Resource) -> list[Any]:
    return [found.destination for found in reach(workload, Facts("test", (workload, *policies)))]


DENY = policy({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})


def test_without_a_policy_everything_is_reachable() -> None:
    assert destinations(pod()) == [ANYWHERE]


def test_default_deny_leaves_nothing() -> None:
    assert destinations(pod(), DENY) == []


def test_a_policy_for_ingress_alone_leaves_egress_open() -> None:
    assert destinations(pod(), policy({"podSelector": {}, "policyTypes": ["Ingress"]})) == [ANYWHERE]
    assert destinations(pod(), policy({"podSelector": {}, "ingress": [{}]})) == [ANYWHERE]


def test_egress_rules_limit_egress_even_where_no_type_is_named() -> None:
    assert destinations(pod(), policy({"podSelector": {}, "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/24"}}]}]})) == ["10.0.0.0/24"]


def test_a_policy_of_another_namespace_or_for_other_pods_protects_nobody_here() -> None:
    elsewhere = policy({"podSelector": {}, "policyTypes": ["Egress"]}, namespace="other")
    others = policy({"podSelector": {"matchLabels": {"app": "mlflow"}}, "policyTypes": ["Egress"]})
    assert destinations(pod(), elsewhere, others) == [ANYWHERE]


def test_policies_are_added_up() -> None:
    one = policy(
        {"podSelector": {"matchLabels": APP}, "policyTypes": ["Egress"], "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/24"}}]}]}
    )
    two = policy(
        {"podSelector": {"matchLabels": APP}, "policyTypes": ["Egress"], "egress": [{"to": [{"ipBlock": {"cidr": "203.0.113.0/24"}}]}]}
    )
    assert destinations(pod(), DENY, one, two) == ["10.0.0.0/24", "203.0.113.0/24"]


@pytest.mark.parametrize("rule", [{}, {"to": []}, {"ports": [{"port": 443}]}, {"to": [{}]}])
def test_a_rule_without_destinations_opens_every_address(rule: dict[str, Any]) -> None:
    assert destinations(pod(), policy({"podSelector": {}, "policyTypes": ["Egress"], "egress": [rule]})) == [ANYWHERE]


def test_pods_of_the_cluster_are_not_outside() -> None:
    rule = {"to": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}]}
    assert destinations(pod(), policy({"podSelector": {}, "policyTypes": ["Egress"], "egress": [rule]})) == []


def test_pods_on_the_nodes_network_are_not_bound() -> None:
    assert destinations(pod(hostNetwork=True), DENY) == [ANYWHERE]


def test_rules_nobody_knows_yet_are_unknown() -> None:
    found = destinations(pod(), policy({"podSelector": {}, "policyTypes": ["Egress"], "egress": Unknown("known after apply")}))
    assert [isinstance(each, Unknown) for each in found] == [True]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"toEntities": ["host", "remote-node"]}, []),
        ({"toEntities": ["world"]}, [ANYWHERE]),
        (
            {"toFQDNs": [{"matchName": "api.openai.com"}, {"matchPattern": "*.blob.core.windows.net"}]},
            ["api.openai.com", "*.blob.core.windows.net"],
        ),
        ({"toCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}]}, ["10.0.0.0/8"]),
        ({"toEndpoints": [{"matchLabels": {"k8s:app": "dns"}}]}, []),
        ({"toPorts": [{"ports": [{"port": "443"}]}]}, [ANYWHERE]),
    ],
)
def test_ciliums_policies_are_read_too(rule: dict[str, Any], expected: list[str]) -> None:
    assert destinations(pod(), policy({"endpointSelector": {"matchLabels": APP}, "egress": [rule]}, "CiliumNetworkPolicy")) == expected


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, True),
        ({"matchLabels": {"app": "vllm"}}, True),
        ({"matchLabels": {"app": "other"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["vllm", "x"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["vllm"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Invented"}]}, False),
        ({"matchLabels": Unknown("later")}, False),
    ],
)
def test_selectors_select_as_kubernetes_says(selector: dict[str, Any], expected: bool) -> None:
    assert matches(selector, APP) is expected


def calico(spec: dict[str, Any], kind: str = "NetworkPolicy") -> Resource:
    attributes = {"apiVersion": "projectcalico.org/v3", "metadata": {"name": "p", "namespace": "inference"}, "spec": spec}
    return Resource(f"k8s.{kind}", f"calico/{kind}/{spec}", attributes)


@pytest.mark.parametrize("selector", ["all()", "app == 'vllm'", 'has(app) && app == "vllm"'])
def test_a_policy_of_calico_denies_what_it_does_not_open(selector: str) -> None:
    assert destinations(pod(), calico({"selector": selector, "types": ["Egress"]}, "GlobalNetworkPolicy")) == []


@pytest.mark.parametrize("selector", ["app == 'other'", "app in {'vllm'}", "!has(x)"])
def test_a_selector_of_calico_that_is_not_understood_protects_nobody(selector: str) -> None:
    assert destinations(pod(), calico({"selector": selector, "types": ["Egress"]})) == [ANYWHERE]


@pytest.mark.parametrize(
    ("rule", "opened"),
    [
        ({"action": "Allow"}, [ANYWHERE]),
        ({"action": "Deny"}, []),
        ({"action": "Allow", "destination": {"nets": ["203.0.113.0/24"]}}, ["203.0.113.0/24"]),
        ({"action": "Allow", "destination": {"domains": ["api.openai.com"]}}, ["api.openai.com"]),
        ({"action": "Allow", "destination": {"selector": "app == 'x'"}}, []),
    ],
)
def test_a_rule_of_calico_opens_its_destination(rule: dict[str, Any], opened: list[str]) -> None:
    assert destinations(pod(), calico({"selector": "all()", "types": ["Egress"], "egress": [rule]})) == opened


def test_a_policy_of_administrators_protects_nobody() -> None:
    admin = policy(
        {"subject": {"namespaces": {}}, "egress": [{"action": "Deny", "to": [{"networks": ["0.0.0.0/0"]}]}]}, "AdminNetworkPolicy"
    )
    assert destinations(pod(), admin) == [ANYWHERE]
