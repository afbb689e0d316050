"""What the API server itself refuses in the platform's namespaces, whoever asks: the rules of `policies/` for what is made after a
review, by hand or by a controller.

The expressions keep to the part of CEL that can be evaluated offline (tests/modules/test_admission.py): no optionals, no
Kubernetes libraries. Pod Security already refuses host networks, host paths and privileges.
"""

from collections.abc import Mapping, Sequence

from blueprint.images import lock
from blueprint.residency_catalog import table
from modules.clusters.base import WEIGHTS_READER, Cluster
from modules.manifests import Object
from modules.manifests.objects import resource

VERSION = "admissionregistration.k8s.io/v1"
NAMESPACE_NAME = "kubernetes.io/metadata.name"

PODS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["pods"]}
SERVICES = {**PODS, "resources": ["services"]}
NETWORK_POLICIES = {**PODS, "apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"]}
DEFINITIONS = {**PODS, "apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"]}

CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def policies(cluster: Cluster) -> list[Object]:
    """A policy and its binding for each thing that is refused."""
    ours = {"matchLabels": {"data-residency": cluster.env.data_residency.zone}}
    models = {"matchLabels": {NAMESPACE_NAME: WEIGHTS_READER.namespace}}
    wanted = [
        _policy("images-from-the-mirror", PODS, ours, [_images(f"startsWith('{cluster.registry}/')", "the environment's own registry")]),
        _policy("services-stay-private", SERVICES, ours, [_services(cluster.load_balancer_annotations())]),
        _policy("egress-is-listed", NETWORK_POLICIES, ours, [EGRESS]),
        _policy("models-stay-offline", PODS, models, [OFFLINE]),
        _policy("no-other-deployers", DEFINITIONS, {}, [_no_deployers()]),
    ]
    if lock.load(cluster.env.name):
        wanted.append(_policy("models-by-digest", PODS, models, [_images("contains('@sha256:')", "images by their digest")]))
    return [item for pair in wanted for item in pair]


Validation = Mapping[str, str]

EGRESS: Validation = {
    "expression": "!has(object.spec.egress) || object.spec.egress.all(rule, has(rule.to) && rule.to.all(peer, "
    "has(peer.ipBlock) || has(peer.podSelector) || has(peer.namespaceSelector)))",
    "message": "an egress rule without destinations opens every address (R07)",
}
OFFLINE: Validation = {
    "expression": "object.spec.containers.all(c, has(c.env) && c.env.exists(e, "
    "e.name == 'HF_HUB_OFFLINE' && has(e.value) && e.value == '1'))",
    "message": "models read their weights from the zone: every container needs HF_HUB_OFFLINE=1 (R10)",
}


def _images(condition: str, allowed: str) -> Validation:
    parts = [f"(!has(object.spec.{kind}) || object.spec.{kind}.all(c, c.image.{condition}))" for kind in CONTAINERS]
    return {"expression": " && ".join(parts), "message": f"allowed are {allowed} (R08)"}


def _services(private: Mapping[str, str]) -> Validation:
    given = "object.metadata.annotations"
    asked = [f"'{key}' in {given} && {given}['{key}'] == '{value}'" for key, value in private.items()]
    balancer = " && ".join(["object.spec.type == 'LoadBalancer'", *([f"has({given})", *asked] if asked else [])])
    expression = f"(!has(object.spec.type) || object.spec.type == 'ClusterIP' || ({balancer})) && !has(object.spec.externalIPs)"
    return {"expression": expression, "message": "allowed are ClusterIP and load balancers with a private address (R53)"}


def _no_deployers() -> Validation:
    """Patterns of the catalogue are names, or names with a star in front."""
    patterns = [pattern for entry in table("residency/kubernetes.yaml")["deployers"] for pattern in entry["groups"]]
    tests = [f"object.spec.group.endsWith('{p[1:]}')" if p.startswith("*") else f"object.spec.group == '{p}'" for p in patterns]
    return {"expression": f"!({' || '.join(tests)})", "message": "its controller would create resources no plan shows (R52)"}


def _policy(name: str, rule: Mapping[str, object], namespaces: Mapping[str, object], validations: Sequence[Validation]) -> list[Object]:
    match = {"resourceRules": [rule], **({"namespaceSelector": namespaces} if namespaces else {})}
    spec = {"failurePolicy": "Fail", "matchConstraints": match, "validations": [dict(one) for one in validations]}
    binding = {"policyName": name, "validationActions": ["Deny"]}
    return [
        resource(VERSION, "ValidatingAdmissionPolicy", name, spec=spec),
        resource(VERSION, "ValidatingAdmissionPolicyBinding", name, spec=binding),
    ]
