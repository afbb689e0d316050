"""Keyless access to hosted APIs: a pod with the gateway's cloud identity keeps a fresh token in a Secret the gateway reads.

Hosted APIs accept no keys (local auth is off). The AI gateway 1.1 can log in to Entra with a client secret or through a third
identity provider, not with workload identity (api/v1beta1 AzureCredentials), so the exchange of the service account's token
for an access token happens here: one HTTP request, every 20 minutes; tokens live at least 60. If it fails the pod restarts
and tries again, and the old token stays in use until it expires.
"""

from collections.abc import Sequence
from typing import Any

from modules.clusters.base import API_CALLER, Cluster
from modules.manifests import Object
from modules.manifests.objects import RESTRICTED_CONTAINER, RESTRICTED_POD, resource, service_account, variables

IMAGE = "docker.io/curlimages/curl:8.21.0"
NAME, NAMESPACE = API_CALLER.name, API_CALLER.namespace
TOKEN = "hosted-api-token"
SCOPE = "https://cognitiveservices.azure.com/.default"
REFRESH_SECONDS = 1200

# AZURE_* are set by the workload-identity webhook. Tokens go through pipes, never onto a command line.
SCRIPT = r"""set -eu
account=/var/run/secrets/kubernetes.io/serviceaccount
post() { curl --fail --silent --show-error --max-time 30 "$@"; }
while true; do
  token=$(post "${AZURE_AUTHORITY_HOST%/}/$AZURE_TENANT_ID/oauth2/v2.0/token" \
    --data grant_type=client_credentials --data "client_id=$AZURE_CLIENT_ID" --data-urlencode "scope=$SCOPE" \
    --data client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
    --data-urlencode "client_assertion@$AZURE_FEDERATED_TOKEN_FILE" | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')
  [ -n "$token" ]
  (umask 077; printf 'header = "Authorization: Bearer %s"\n' "$(cat $account/token)" > /tmp/login)
  printf '{"stringData":{"apiKey":"%s"}}' "$token" | post --config /tmp/login --cacert $account/ca.crt --output /dev/null \
    --request PATCH --header 'Content-Type: application/merge-patch+json' --data @- "$SECRET_URL"
  echo "token renewed"
  sleep "$REFRESH_SECONDS"
done
"""


def objects(cluster: Cluster) -> Sequence[Object]:
    """The Secret has no content here: what the pod writes into it stays over upgrades."""
    identity = next(iter(cluster.apis.values())).identity
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": NAME}
    only_this = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [TOKEN], "verbs": ["get", "patch"]}
    labels = {"app.kubernetes.io/name": NAME}
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": {**labels, **identity.pod_labels}}, "spec": _pod(cluster)},
    }
    return [
        service_account(identity, automount=True),
        resource("v1", "Secret", TOKEN, NAMESPACE, type="Opaque"),
        resource("rbac.authorization.k8s.io/v1", "Role", NAME, NAMESPACE, rules=[only_this]),
        resource("rbac.authorization.k8s.io/v1", "RoleBinding", NAME, NAMESPACE, roleRef=role, subjects=[subject]),
        resource("apps/v1", "Deployment", NAME, NAMESPACE, labels=labels, spec=spec),
    ]


def _pod(cluster: Cluster) -> dict[str, Any]:
    url = f"https://kubernetes.default.svc/api/v1/namespaces/{NAMESPACE}/secrets/{TOKEN}"
    settings = {"SCOPE": SCOPE, "SECRET_URL": url, "REFRESH_SECONDS": str(REFRESH_SECONDS)}
    container = {
        "name": "tokens",
        "image": cluster.image(IMAGE),
        "command": ["sh", "-c", SCRIPT],
        "env": variables(settings),
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
        "securityContext": RESTRICTED_CONTAINER,
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }
    return {
        "serviceAccountName": NAME,
        "securityContext": {**RESTRICTED_POD, "runAsUser": 100, "runAsGroup": 101, "fsGroup": 101},
        "containers": [container],
        "volumes": [{"name": "tmp", "emptyDir": {"medium": "Memory"}}],
    }
