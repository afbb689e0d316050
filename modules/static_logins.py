"""Logins that must be in the cluster before External Secrets can fetch any: to the registry, in every namespace, and to the secret
store. Only for clouds that cannot trust a service account.

They reach Helm write-only: neither plan nor Terraform state nor our values hold them. The Helm provider (3.1.2) sends write-only
values only when their revision grows, so each login has a release of its own that nothing else changes, and keeps the values
of the release before (`reuse_values`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from modules.clusters.base import SECRET_STORE_LOGIN, SECRETS_READER, Cluster, StaticLogins
from modules.manifests import Object, bundle
from modules.manifests.objects import resource
from modules.resources.base import Ref
from modules.resources.engine import Added, Part

REGISTRY_LOGIN = "registry-login"
DOCKER_CONFIG = r"\.dockerconfigjson"  # as Helm wants a dot inside a key
# Plain maps: a list of `Object.spec.imagePullSecrets` makes Kubernetes 1.36 panic (cel-go, baseList.ConvertToNative).
ADD_LOGIN = f"""has(object.spec.imagePullSecrets)
  ? [JSONPatch{{op: "add", path: "/spec/imagePullSecrets/-", value: {{"name": "{REGISTRY_LOGIN}"}}}}]
  : [JSONPatch{{op: "add", path: "/spec/imagePullSecrets", value: [{{"name": "{REGISTRY_LOGIN}"}}]}}]"""


def install(scope: Part, cluster: Cluster, namespaces: Sequence[str], after: Sequence[Added[Any]]) -> list[Added[Any]]:
    """One release per namespace; returns what others have to wait for."""
    logins = cluster.static_logins
    if logins is None:
        return list(after)
    part = Part(scope, "logins")
    return [_release(part, cluster, logins, namespace, after) for namespace in namespaces]


def _release(part: Part, cluster: Cluster, logins: StaticLogins, namespace: str, after: Sequence[Added[Any]]) -> Added[Any]:
    """The Secrets stand in the chart without content: that is set write-only."""
    contents: dict[str, tuple[str, Mapping[str, Ref]]] = {
        REGISTRY_LOGIN: ("kubernetes.io/dockerconfigjson", {DOCKER_CONFIG: logins.registry})
    }
    if namespace == SECRETS_READER.namespace:
        contents[SECRET_STORE_LOGIN] = "Opaque", logins.secret_store
    objects = [resource("v1", "Secret", name, namespace, type=kind) for name, (kind, _) in contents.items()]
    filled = {f"objects.secret-{namespace}-{name}.data": data for name, (_, data) in contents.items()}
    paths = {f"{secret}.{key}": value for secret, data in filled.items() for key, value in data.items()}
    return bundle(part, cluster, f"login-{namespace}", namespace, objects, after=after, write_only=paths, revision=logins.revision)


def policy(cluster: Cluster) -> Sequence[Object]:
    """Every pod in a namespace of ours is handed the registry login when it is created, whichever chart or controller makes it.

    As a JSON patch: a reference to a Secret is an atomic struct, and the API server refuses an ApplyConfiguration that touches one.
    """
    if cluster.static_logins is None:
        return []
    pods = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    ours = {"matchLabels": {"data-residency": cluster.env.data_residency.zone}}
    spec = {
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
        "matchConstraints": {"namespaceSelector": ours, "resourceRules": [pods]},
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": ADD_LOGIN}}],
    }
    binding = {"policyName": REGISTRY_LOGIN}
    version = "admissionregistration.k8s.io/v1"
    return [
        resource(version, "MutatingAdmissionPolicy", REGISTRY_LOGIN, spec=spec),
        resource(version, "MutatingAdmissionPolicyBinding", REGISTRY_LOGIN, spec=binding),
    ]
