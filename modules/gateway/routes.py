"""Where requests go: a backend for every model deployment and hosted API, and one rule per name.

A name that has no rule is refused by the AI gateway itself (404); there is no rule for "everything else".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blueprint.environment import Environment
from modules.clusters.base import ApiEndpoint
from modules.gateway.proxy import MODEL_HEADER, NAME, NAMESPACE
from modules.gateway.tokens import TOKEN
from modules.manifests import Object
from modules.manifests.objects import external_secret, resource
from modules.resources.base import Text
from modules.serving import ModelService

RULES_PER_ROUTE = 15  # the AI gateway's limit
# From the first byte of the request to the last of the answer; the gateway's default of one minute cuts long answers off.
REQUEST_TIMEOUT = "900s"
# What each dialect is spoken as. Azure's v1 API is OpenAI's own under another path, without a version to keep up with.
DIALECTS = {"OpenAI": {"name": "OpenAI"}, "AzureOpenAI": {"name": "OpenAI", "prefix": "/openai/v1"}}


@dataclass(frozen=True)
class Backend:
    """Something that answers. `model` is its own name for the model, `adapters` are more it has; `key` is the Secret with its key or
    token."""

    name: str
    host: Text
    port: int
    model: str
    dialect: str
    key: str
    key_secret: str | None = None
    adapters: Sequence[str] = ()

    @staticmethod
    def of_model(service: ModelService) -> "Backend":
        key = f"{service.name}-api-key"
        return Backend(service.name, service.host, service.port, service.name, "OpenAI", key, service.key_secret, service.adapters)

    @staticmethod
    def of_api(name: str, api: ApiEndpoint) -> "Backend":
        key = f"{name}-api-key" if api.key_secret else TOKEN
        return Backend(name, api.host, 443, api.model, api.dialect, key, api.key_secret)

    @property
    def hosted(self) -> bool:
        return self.port == 443


def objects(env: Environment, backends: Sequence[Backend]) -> Sequence[Object]:
    return [*(item for backend in backends for item in _backend(backend)), *_routes(env, {backend.name: backend for backend in backends})]


def _backend(backend: Backend) -> Iterator[Object]:
    """The address, the dialect, and how to log in there."""
    address: dict[str, Any] = {"endpoints": [{"fqdn": {"hostname": backend.host, "port": backend.port}}]}
    if backend.hosted:
        address["tls"] = {"wellKnownCACertificates": "System", "sni": backend.host}
    yield resource("gateway.envoyproxy.io/v1alpha1", "Backend", backend.name, NAMESPACE, spec=address)
    reference = {"group": "gateway.envoyproxy.io", "kind": "Backend", "name": backend.name}
    yield _ai("AIServiceBackend", backend.name, {"schema": DIALECTS[backend.dialect], "backendRef": reference})
    target = {"group": "aigateway.envoyproxy.io", "kind": "AIServiceBackend", "name": backend.name}
    login = {"targetRefs": [target], "type": "APIKey", "apiKey": {"secretRef": {"name": backend.key}}}
    yield _ai("BackendSecurityPolicy", backend.name, login)
    if backend.key_secret:
        yield external_secret(backend.key, NAMESPACE, {"apiKey": backend.key_secret})


def _routes(env: Environment, backends: Mapping[str, Backend]) -> Iterator[Object]:
    """Every backend under its own name, its adapters', and its aliases."""
    names = {**{name: name for name in backends}, **env.gateway.aliases}
    rules = [_rule(env, name, backends[target], backends[target].model) for name, target in names.items()]
    rules += [_rule(env, adapter, backend, adapter) for backend in backends.values() for adapter in backend.adapters]
    parent = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": NAME}
    for first in range(0, len(rules), RULES_PER_ROUTE):
        spec = {"parentRefs": [parent], "hostnames": [env.gateway.hostname], "rules": rules[first : first + RULES_PER_ROUTE]}
        yield _ai("AIGatewayRoute", f"models-{first // RULES_PER_ROUTE + 1}", spec)


def _rule(env: Environment, name: str, backend: Backend, model: str) -> dict[str, Any]:
    reference = {"name": backend.name} | ({"modelNameOverride": model} if model != name else {})
    return {
        "name": name,
        "matches": [{"headers": [{"type": "Exact", "name": MODEL_HEADER, "value": name}]}],
        "backendRefs": [reference],
        "timeouts": {"request": REQUEST_TIMEOUT},
        "modelsOwnedBy": env.organisation,
    }


def _ai(kind: str, name: str, spec: Mapping[str, Any]) -> Object:
    return resource("aigateway.envoyproxy.io/v1beta1", kind, name, NAMESPACE, spec=spec)
