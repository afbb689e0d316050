"""Who may use the gateway: each team has a key of its own, made in the secret store.

A request without a known key is answered with 401. The team's name travels on in a header of ours, the key does not.
"""

from collections.abc import Sequence

from modules.addons.ai_gateway import TEAM_HEADER
from modules.clusters.base import Cluster
from modules.gateway.proxy import NAME, NAMESPACE, TARGET
from modules.manifests import Object
from modules.manifests.objects import external_secret, resource

KEYS = "team-keys"


def objects(cluster: Cluster) -> Sequence[Object]:
    keys = {team: cluster.generate_secret(f"team-{team}-api-key") for team in cluster.env.gateway.teams}
    authentication = {
        "credentialRefs": [{"name": KEYS}],
        "extractFrom": [{"headers": ["Authorization"]}],  # as OpenAI clients send it: `Bearer <key>`
        "forwardClientIDHeader": TEAM_HEADER,
        "sanitize": True,
    }
    spec = {"targetRefs": [TARGET], "apiKeyAuth": authentication}
    policy = resource("gateway.envoyproxy.io/v1alpha1", "SecurityPolicy", NAME, NAMESPACE, spec=spec)
    return [external_secret(KEYS, NAMESPACE, keys), policy]
