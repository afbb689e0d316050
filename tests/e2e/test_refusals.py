"""What the API server refuses: for every kind we write, one mistake somebody could make; pods beyond what a namespace admits.

Refused by the server itself (validation, CEL rules of the definitions, admission), not by a client and not by a controller.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from modules.manifests import CHART
from tests.e2e import variants
from tests.e2e.harness import crds
from tests.e2e.harness.cluster import Cluster, Object
from tests.e2e.harness.helm import Helm
from tests.e2e.harness.tools import tool
from tests.e2e.variants import NAMES

GONE = object()
AN_ADDRESS = {"address": "192.0.2.1", "port": 8000}

# Kind → where, what stands there by mistake, and what the refusal must be about.
MISTAKES: dict[str, tuple[str, Any, str]] = {
    "AIGatewayRoute": ("spec.rules.0.backendRefs.0.weight", -1, "should be greater than or equal to 0"),
    "AIServiceBackend": ("spec.schema.name", "Mistral", 'supported values: "OpenAI"'),
    "Backend": ("spec.endpoints.0.ip", AN_ADDRESS, "fqdn"),
    "BackendSecurityPolicy": ("spec.apiKey", GONE, "apiKey"),
    "BackendTrafficPolicy": ("spec.targetRefs.0.kind", "Deployment", "can only have a targetRef"),
    "Certificate": ("spec.privateKey.algorithm", "DSA", 'supported values: "RSA"'),
    "CiliumNetworkPolicy": ("spec.egress.0.toEntities.0", "internet", 'supported values: "all"'),
    "ClientTrafficPolicy": ("spec.tls.maxVersion", "1.1", "minVersion"),
    "ClusterSecretStore": ("spec.provider.fake", {"data": []}, "must have at most 1"),
    "ConfigMap": ("data", {"the overview.json": "{}"}, "a valid config key must consist of"),
    "Deployment": ("spec.template.metadata.labels", {"app": "other"}, "does not match template `labels`"),
    "EnvoyProxy": ("spec.provider.kubernetes.envoyService.type", "NodeBalancer", 'supported values: "ClusterIP"'),
    "ExternalSecret": ("spec.target.creationPolicy", "Sometimes", 'supported values: "Owner"'),
    "Gateway": ("spec.listeners.0.protocol", "HTTP", "tls must not be specified for protocols"),
    "GatewayClass": ("spec.controllerName", "envoy", "should match"),
    "GatewayConfig": ("spec.extProc.kubernetes.env", [{"value": "debug"}], "name: Required value"),
    "Issuer": ("spec.ca", {}, "secretName: Required value"),
    "MutatingAdmissionPolicy": ("spec.mutations.0.jsonPatch.expression", "[JSONPatch{op: ", "Syntax error"),
    "MutatingAdmissionPolicyBinding": ("spec.policyName", "", "policyName: Required value"),
    "Namespace": ("metadata.labels.pod-security\\.kubernetes\\.io/enforce", "strict", "must be one of privileged, baseline, restricted"),
    "NetworkPolicy": ("spec.policyTypes", ["Inbound"], 'Unsupported value: "Inbound"'),
    "PodDisruptionBudget": ("spec.minAvailable", 1, "minAvailable and maxUnavailable cannot be both set"),
    "PodMonitor": ("spec.podMetricsEndpoints.0.interval", "15 seconds", "should match"),
    "PriorityClass": ("value", 2_000_000_000, "maximum allowed value of a user defined priority"),
    "PrometheusRule": ("spec.groups.0.rules.0.for", "five minutes", "should match"),
    "Role": ("rules.0.verbs", [], "verbs must contain at least one value"),
    "RoleBinding": ("roleRef.kind", "User", 'Unsupported value: "User"'),
    "ScaledObject": ("spec.pollingInterval", "30s", "expected numeric"),
    "Secret": ("data", {"apiKey": "in clear"}, "illegal base64 data"),
    "SecurityPolicy": ("spec.targetRefs.0.kind", "Deployment", "can only have a targetRef"),
    "Service": ("spec.ports.0.port", 0, "must be between 1 and 65535"),
    "ServiceAccount": ("metadata.name", "Model_A", "RFC 1123"),
    "ValidatingAdmissionPolicy": ("spec.validations.0.expression", "object.spec.(", "Syntax error"),
    "ValidatingAdmissionPolicyBinding": ("spec.policyName", "", "policyName: Required value"),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Object]]:
    """The objects of every environment, but logins to registries, which are filled only when Helm installs them."""
    folder = tmp_path_factory.mktemp("environments")
    return {name: variants.objects(variants.synthesize(folder / name, name).releases()) for name in NAMES}


@pytest.fixture(scope="module")
def examples(written: dict[str, list[Object]]) -> dict[str, Object]:
    """The first object of each kind that any environment has."""
    return {item["kind"]: item for name in reversed(NAMES) for item in reversed(written[name])}


@pytest.fixture(scope="module")
def cluster(written: dict[str, list[Object]], examples: dict[str, Object]) -> Iterator[Cluster]:
    """With every namespace any environment has."""
    found = {item["metadata"]["name"]: item for name in NAMES for item in written[name] if item["kind"] == "Namespace"}
    with Cluster.start() as running:
        crds.install(running, examples.keys())
        running.apply(list(found.values()))
        running.wait_for("pods can be made", lambda: len(running.items("serviceaccounts")) > len(found), 30)
        yield running


def refusal(cluster: Cluster, item: Mapping[str, Any]) -> str:
    """What the server says to an object, without keeping it; empty if it accepts."""
    how = ["--server-side", "--force-conflicts", "--dry-run=server", "--filename=-"]
    done = cluster.kubectl("apply", *how, stdin=json.dumps(item), check=False)
    return done.stderr if done.returncode else ""


def changed(item: Object, path: str, value: Any) -> Object:
    """A copy with one value planted, or taken away."""
    found = copy.deepcopy(item)
    *parents, last = (part.replace("\0", ".") for part in path.replace("\\.", "\0").split("."))
    inner: Any = found
    for part in parents:
        inner = inner[int(part)] if isinstance(inner, list) else inner.setdefault(part, {})
    key = int(last) if isinstance(inner, list) else last
    if value is GONE:
        del inner[key]
    else:
        inner[key] = value
    return found


def test_every_kind_we_write_has_its_mistake(examples: dict[str, Object]) -> None:
    assert set(MISTAKES) == set(examples)


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_refused(kind: str, cluster: Cluster, examples: dict[str, Object]) -> None:
    path, value, words = MISTAKES[kind]
    assert refusal(cluster, examples[kind]) == ""
    assert words in refusal(cluster, changed(examples[kind], path, value))


@pytest.fixture(scope="module")
def model(written: dict[str, list[Object]]) -> Object:
    """A pod of the first model of eu-prod, as its Deployment would make it."""
    deployments = (item for item in written["eu-prod"] if item["kind"] == "Deployment")
    deployment = next(item for item in deployments if item["metadata"]["namespace"] == "inference")
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "model", "namespace": "inference"},
        # Only who may be in the namespace is asked here: identity and priority are other objects.
        "spec": {
            key: value
            for key, value in deployment["spec"]["template"]["spec"].items()
            if key not in ("serviceAccountName", "priorityClassName")
        },
    }


PRIVILEGES = {
    "privileged": ("spec.containers.0.securityContext", {"privileged": True}),
    "root": ("spec.securityContext.runAsUser", 0),
    "the host's network": ("spec.hostNetwork", True),
    "a folder of the host": ("spec.volumes.0", {"name": "weights", "hostPath": {"path": "/var/lib"}}),
    "a capability": ("spec.containers.0.securityContext.capabilities", {"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
    "no seccomp profile": ("spec.securityContext.seccompProfile", {"type": "Unconfined"}),
}


@pytest.mark.parametrize("privilege", PRIVILEGES)
def test_a_model_with_a_privilege_is_refused(privilege: str, cluster: Cluster, model: Object) -> None:
    assert refusal(cluster, model) == ""
    assert 'violates PodSecurity "restricted' in refusal(cluster, changed(model, *PRIVILEGES[privilege]))


def test_a_deployment_of_such_pods_is_warned_about(cluster: Cluster, model: Object) -> None:
    """The Deployment itself is accepted; only a warning says what will become of its pods, and `Helm.apply` must hear it."""
    labels = {"app": "loud"}
    template = {"metadata": {"labels": labels}, "spec": changed(model, *PRIVILEGES["root"])["spec"]}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "loud", "namespace": "inference"}, "spec": spec}
    values = [json.dumps({"objects": {"loud": deployment}})]
    release = {"name": "loud", "namespace": "inference", "chart": str(CHART), "values": values}
    warnings = Helm(tool("helm"), cluster.kubeconfig).apply({**release, "wait": True, "timeout": 60, "max_history": 1})
    assert [line for line in warnings if "would violate PodSecurity" in line]


def test_only_the_addons_that_need_the_host_get_it(cluster: Cluster, model: Object) -> None:
    """The GPU Operator loads drivers, the node exporter reads the host's counters."""
    ours = [item["metadata"]["name"] for item in cluster.items("namespaces") if "data-residency" in item["metadata"].get("labels", {})]
    pod = changed(model, *PRIVILEGES["privileged"])
    admitted = {name for name in ours if not refusal(cluster, changed(pod, "metadata.namespace", name))}
    assert admitted == {"gpu-operator", "node-exporter"}


def test_a_quota_of_gpus_holds(cluster: Cluster, model: Object) -> None:
    """Somebody who limits a namespace need not change our pods: they name all that a quota counts, and one too many is refused."""
    hard = {"requests.nvidia.com/gpu": "1", "requests.cpu": "100", "requests.memory": "1Ti", "limits.memory": "1Ti"}
    meta = {"name": "gpus", "namespace": "inference"}
    cluster.apply([{"apiVersion": "v1", "kind": "ResourceQuota", "metadata": meta, "spec": {"hard": hard}}])
    cluster.wait_for("the quota counts", lambda: cluster.get("resourcequota", "gpus", "inference").get("status", {}).get("hard"), 30)
    cluster.apply([model])
    try:
        assert "exceeded quota: gpus, requested: requests.nvidia.com/gpu=1" in refusal(cluster, changed(model, "metadata.name", "another"))
    finally:
        cluster.kubectl("delete", "resourcequota/gpus", "pod/model", "--namespace=inference", "--grace-period=0", "--force")
