"""Who reaches whom, worked out from the NetworkPolicy objects themselves and not from the table they were made of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from modules import network_policies
from modules.network_policies import Addresses, Pods
from tests.modules.platform import Object, platform


@dataclass(frozen=True)
class Pod:
    """One pod; `address` for what is no pod."""

    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    address: str = ""


def labels_of(name: str) -> Mapping[str, str]:
    labels: Mapping[str, str] = platform("eu-prod").object("Deployment", name)["spec"]["template"]["metadata"]["labels"]
    return labels


MODEL = Pod("inference", labels_of("analysis"))
OTHER_MODEL = Pod("inference", labels_of("nightly"))
PROXY = Pod("envoy-gateway-system", {"app.kubernetes.io/name": "envoy", "app.kubernetes.io/component": "proxy"})
PROMETHEUS = Pod("monitoring", {"app.kubernetes.io/name": "prometheus"})
ALERTMANAGER = Pod("monitoring", {"app.kubernetes.io/name": "alertmanager"})
GRAFANA = Pod("monitoring", {"app.kubernetes.io/name": "grafana"})
KEDA = Pod("keda", {"app": "keda-operator"})
MLFLOW = Pod("mlflow", {"app.kubernetes.io/name": "mlflow"})
TOKENS = Pod("gateway", labels_of("hosted-api-caller"))
DNS = Pod("kube-system", {"k8s-app": "kube-dns"})
KONNECTIVITY = Pod("kube-system", {"app": "konnectivity-agent"})
API_SERVER = Pod(address="10.40.9.4")
STORAGE = Pod(address="10.40.8.10")
INTERNET = Pod(address="93.184.216.34")
NODE = Pod(address="10.40.0.4")
CLIENT = Pod(address="10.99.0.7")
PODS = [
    MODEL,
    OTHER_MODEL,
    PROXY,
    PROMETHEUS,
    GRAFANA,
    KEDA,
    MLFLOW,
    TOKENS,
    DNS,
    KONNECTIVITY,
    Pod("cert-manager"),
    Pod("external-secrets"),
]
PORTS = [53, 80, 443, 5000, 5432, 6443, 8000, 8080, 9090, 9100, 10250, 10443]


def test_a_model_reaches_names_weights_and_the_token_issuer_and_nothing_else() -> None:
    everything = [*PODS, API_SERVER, STORAGE, INTERNET, NODE, CLIENT]
    reached = {
        (index, port) for index, target in enumerate(everything) for port in PORTS if target != MODEL and reaches(MODEL, target, port)
    }
    assert reached == {(everything.index(DNS), 53), (everything.index(STORAGE), 443), (everything.index(INTERNET), 443)}


def test_only_the_gateway_and_prometheus_reach_a_model() -> None:
    sources = [*PODS, API_SERVER, STORAGE, INTERNET, NODE, CLIENT]
    callers = [source for source in sources if source != MODEL and any(reaches(source, MODEL, port) for port in PORTS)]
    assert callers == [PROXY, PROMETHEUS]
    assert [port for port in PORTS if reaches(PROXY, MODEL, port)] == [8000]


def test_alertmanager_reaches_those_it_tells_and_no_other_part_of_monitoring_does() -> None:
    """eu-prod has a webhook and a mail server."""
    told = [port for port in [*PORTS, 25, 587] if reaches(ALERTMANAGER, CLIENT, port)]
    assert told == [443, 587]
    assert not any(reaches(source, CLIENT, port) for source in (GRAFANA, PROMETHEUS) for port in told)


def test_models_do_not_talk_to_each_other() -> None:
    assert not any(reaches(MODEL, OTHER_MODEL, port) for port in PORTS)


def test_clients_reach_the_gateway_at_its_door_only() -> None:
    assert [port for port in PORTS if reaches(CLIENT, PROXY, port)] == [10443]


def test_the_gateway_reaches_hosted_apis_at_their_private_addresses_and_never_the_internet() -> None:
    assert reaches(PROXY, STORAGE, 443)
    assert not reaches(PROXY, INTERNET, 443)


def test_neither_proxies_nor_models_nor_mlflow_see_the_api_server() -> None:
    assert [pod for pod in (PROXY, MODEL, MLFLOW) if reaches(pod, API_SERVER, 443)] == []
    assert reaches(Pod("envoy-gateway-system", {"control-plane": "envoy-gateway"}), API_SERVER, 443)


def test_mlflow_is_reached_by_prometheus_alone() -> None:
    assert [source for source in PODS if source != MLFLOW and reaches(source, MLFLOW, 5000)] == [PROMETHEUS]
    assert reaches(MLFLOW, STORAGE, 5432)


def test_autoscaling_reads_prometheus() -> None:
    assert reaches(KEDA, PROMETHEUS, 9090)
    assert not reaches(KEDA, GRAFANA, 8000)


def test_the_api_server_calls_webhooks_directly_and_through_its_tunnel() -> None:
    for caller in (API_SERVER, KONNECTIVITY):
        assert reaches(caller, Pod("cert-manager"), 10250)
        assert reaches(caller, KEDA, 6443)


def test_prometheus_reaches_kubelets_and_node_exporters() -> None:
    assert reaches(PROMETHEUS, NODE, 10250)
    assert reaches(PROMETHEUS, NODE, 9100)
    assert not reaches(PROMETHEUS, INTERNET, 443)


def test_the_token_pod_reaches_the_issuer_and_the_api_server_only() -> None:
    assert reaches(TOKENS, INTERNET, 443)
    assert reaches(TOKENS, API_SERVER, 443)
    assert not reaches(TOKENS, STORAGE, 443)
    assert not any(reaches(source, TOKENS, port) for source in PODS if source != TOKENS for port in PORTS)


@pytest.mark.parametrize("name", ["eu-prod", "dev"])
def test_every_namespace_denies_by_default(name: str) -> None:
    namespaces = {item["metadata"]["name"] for item in platform(name).objects("Namespace")}
    deny = [item for item in platform(name).objects("NetworkPolicy") if item["metadata"]["name"] == "default-deny"]
    assert {item["metadata"]["namespace"] for item in deny} == namespaces
    assert all(item["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} for item in deny)


def test_a_public_range_never_opens_private_addresses() -> None:
    blocks = [peer["ipBlock"] for item in platform("eu-prod").objects("NetworkPolicy") for peer in peers(item) if "ipBlock" in peer]
    assert {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]} in blocks
    assert not [block for block in blocks if block["cidr"] == "0.0.0.0/0" and not block.get("except")]


def test_every_flow_says_why() -> None:
    cluster = platform("eu-prod").cluster
    namespaces = [item["metadata"]["name"] for item in platform("eu-prod").objects("Namespace")]
    table = network_policies.flows(cluster, namespaces)
    assert all(flow.why and flow.ports for flow in table)
    ends = {end.namespace for flow in table for end in (flow.source, flow.target) if isinstance(end, Pods)}
    assert ends <= {*namespaces, "kube-system"}


def test_only_the_gateway_is_open_to_any_address() -> None:
    cluster = platform("eu-prod").cluster
    namespaces = [item["metadata"]["name"] for item in platform("eu-prod").objects("Namespace")]
    open_to_all = [
        flow for flow in network_policies.flows(cluster, namespaces) if isinstance(flow.source, Addresses) and not flow.source.cidrs
    ]
    assert [flow.target for flow in open_to_all] == [network_policies.PROXIES]


def reaches(source: Pod, target: Pod, port: int) -> bool:
    """Kubernetes' rule: the source's egress and the target's ingress must both allow it; no policy means no limit."""
    if target is NODE and source.namespace:
        return _reaches_nodes(source, port)
    return _allowed(source, target, port, "egress", "to") and _allowed(target, source, port, "ingress", "from")


def _reaches_nodes(source: Pod, port: int) -> bool:
    """Cilium's rule: ranges of addresses never match a node, only the entities do."""
    mine = platform("eu-prod").objects("CiliumNetworkPolicy", source.namespace)
    rules = [rule for item in mine if _selects(item["spec"]["endpointSelector"], source) for rule in item["spec"]["egress"]]
    ports = [open["port"] for rule in rules if "remote-node" in rule["toEntities"] for part in rule["toPorts"] for open in part["ports"]]
    return str(port) in ports


def _allowed(subject: Pod, peer: Pod, port: int, direction: str, side: str) -> bool:
    selecting = [
        item["spec"]
        for item in platform("eu-prod").objects("NetworkPolicy", subject.namespace)
        if subject.namespace and _selects(item["spec"]["podSelector"], subject)
    ]
    if not selecting:
        return True
    rules = [rule for spec in selecting for rule in spec.get(direction, [])]
    return any(
        port in [item["port"] for item in rule["ports"]] and (side not in rule or any(_is(one, peer) for one in rule[side]))
        for rule in rules
    )


def _is(selector: Mapping[str, Any], peer: Pod) -> bool:
    if "ipBlock" in selector:
        block = selector["ipBlock"]
        inside = peer.address and ip_address(peer.address) in ip_network(block["cidr"])
        return bool(inside and not any(ip_address(peer.address) in ip_network(net) for net in block.get("except", [])))
    namespace = selector["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
    return peer.namespace == namespace and _selects(selector.get("podSelector", {}), peer)


def _selects(selector: Mapping[str, Any], pod: Pod) -> bool:
    wanted: Mapping[str, str] = selector.get("matchLabels", {})
    return wanted.items() <= pod.labels.items()


def peers(policy: Object) -> Iterator[Any]:
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for rule in policy["spec"].get(direction, []):
            yield from rule.get(side, [])
