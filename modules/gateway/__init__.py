"""`gateway:` the one OpenAI-compatible endpoint in front of all models, self-hosted and hosted.

A request carries a team's key and a model's name. The key decides who it is, the name decides where it goes; what has no
route is refused. Keys, certificate and routes live in their own namespace, away from the models.
"""

from collections.abc import Sequence

from modules.addons import Platform
from modules.clusters.base import Cluster
from modules.gateway import access, proxy, routes, tokens
from modules.gateway.routes import Backend
from modules.manifests import bundle
from modules.resources.engine import Construct, Part
from modules.serving import ModelService


def expose(scope: Construct, cluster: Cluster, platform: Platform, models: Sequence[ModelService]) -> None:
    """The proxies, who may use them, and a route for every model and hosted API."""
    part = Part(scope, "gateway")
    backends = [*map(Backend.of_model, models), *(Backend.of_api(name, api) for name, api in cluster.apis.items())]
    objects = [
        *proxy.objects(cluster),
        *access.objects(cluster),
        *(tokens.objects(cluster) if any(api.key_secret is None for api in cluster.apis.values()) else []),
        *routes.objects(cluster.env, backends),
    ]
    bundle(part, cluster, "gateway", proxy.NAMESPACE, objects, after=platform.ready)
