"""Kubernetes objects as plain mappings, under Kubernetes' own field names."""

from collections.abc import Mapping, Sequence
from typing import Any

from modules.clusters.base import Identity
from modules.manifests import Object

SECRET_STORE = "environment"

RESTRICTED_POD = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
RESTRICTED_CONTAINER = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def resource(
    api_version: str,
    kind: str,
    name: str,
    namespace: str | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, Any] | None = None,
    **body: Any,
) -> Object:
    """One object; `body` holds its top-level fields, such as `spec`."""
    metadata = {"name": name, "namespace": namespace, "labels": labels, "annotations": annotations}
    return {"apiVersion": api_version, "kind": kind, "metadata": {key: value for key, value in metadata.items() if value}, **body}


def service_account(identity: Identity, *, automount: bool = False) -> Object:
    """The service account a cloud identity is bound to. The token for the cloud is mounted separately; one for the
    Kubernetes API only comes where asked for."""
    account = identity.account
    annotations = identity.service_account_annotations
    return resource(
        "v1", "ServiceAccount", account.name, account.namespace, annotations=annotations, automountServiceAccountToken=automount
    )


def external_secret(name: str, namespace: str, keys: Mapping[str, str], template: Mapping[str, str] | None = None) -> Object:
    """A Secret filled from the environment's secret store: `keys` maps its keys to names in the store (`name#property` where a
    secret there has several values). With a `template` the fetched values are put into texts, for consumers that want more
    than the bare value."""
    target: dict[str, Any] = {"name": name} | ({"template": {"data": template}} if template else {})
    data = [{"secretKey": key, "remoteRef": _remote(remote)} for key, remote in keys.items()]
    store = {"kind": "ClusterSecretStore", "name": SECRET_STORE}
    spec = {"refreshInterval": "1h", "secretStoreRef": store, "target": target, "data": data}
    return resource("external-secrets.io/v1", "ExternalSecret", name, namespace, spec=spec)


def _remote(name: str) -> dict[str, str]:
    key, _, property_of_it = name.partition("#")
    return {"key": key, "property": property_of_it} if property_of_it else {"key": key}


def from_secret(variable: str, secret: str, key: str) -> dict[str, Any]:
    """An environment variable whose value comes from a Secret."""
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def variables(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Environment variables of a container."""
    return [{"name": name, "value": value} for name, value in values.items()]


def credentials(identity: Identity) -> Sequence[Object]:
    """The Secret with an identity's static credentials, where it has any."""
    return [external_secret(_secret_of(identity), identity.account.namespace, identity.credentials)] if identity.credentials else []


def credential_variables(identity: Identity) -> list[dict[str, Any]]:
    """The same as a container's environment variables."""
    return [from_secret(variable, _secret_of(identity), variable) for variable in identity.credentials]


def _secret_of(identity: Identity) -> str:
    return f"{identity.account.name}-credentials"


def pod_monitor(name: str, namespace: str, match: Mapping[str, str], ports: Sequence[Mapping[str, Any]]) -> Object:
    """Prometheus scrapes the pods with these labels."""
    spec = {"selector": {"matchLabels": dict(match)}, "podMetricsEndpoints": [{"interval": "15s", **port} for port in ports]}
    return resource("monitoring.coreos.com/v1", "PodMonitor", name, namespace, spec=spec)
