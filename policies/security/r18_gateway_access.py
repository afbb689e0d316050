"""Whoever calls a model is known.

A gateway that asks for no key serves whoever reaches it: nobody can say afterwards which team sent which data, and no limit holds.
Each gateway, or each route on it, is under a policy that authenticates (an API key, a token), and talks TLS only.
"""

from collections.abc import Iterator, Mapping

from blueprint.facts import Resource, Unknown
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved

AUTHENTICATES = ("apiKeyAuth", "jwt", "oidc", "basicAuth", "extAuth")
ROUTES = ("k8s.HTTPRoute", "k8s.GRPCRoute", "k8s.AIGatewayRoute")
ISTIO = "networking.istio.io/"  # its gateways have the same kind and ask by policies of their own
ALLOWED = "a SecurityPolicy with " + ", ".join(AUTHENTICATES)
IN_CLEAR = "requests cross the network in clear"
NEXT = "attach a SecurityPolicy to the gateway"


@rule(
    "R18",
    "gateways know who calls and talk TLS only",
    looks_at=["k8s.Gateway", "k8s.Ingress", "k8s.ClientTrafficPolicy"],
    basis="Art. 5(2), 32 GDPR",
    controls=["C5:2020 PSS-05", "C5:2020 PSS-09", "C5:2020 CRY-02", "ISO 27001:2022 8.3", "ISO 27001:2022 8.5"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Gateways for authentication and encryption, policies for clients for the oldest TLS they accept."""
    if not scope.regulated:
        return
    checks = {"k8s.Gateway": _gateway, "k8s.Ingress": _ingress, "k8s.ClientTrafficPolicy": _client_policy}
    found = list(checks[resource.type](resource))
    yield from found or [passes(resource, "spec")]


def _gateway(gateway: Resource) -> Iterator[Verdict]:
    for found in [*gateway.each("spec.listeners.protocol"), *gateway.each("spec.servers.port.protocol")]:
        if found.value in ("HTTP", "TCP", "UDP"):
            yield fails(
                gateway, found.path, found.value, "requests cross the network in clear", "HTTPS, TLS", "give the listener a certificate"
            )
    if isinstance(gateway.first("spec.listeners"), Unknown):
        yield unresolved(gateway, "spec.listeners", gateway.first("spec.listeners"), "HTTPS, TLS")
    if not _authenticated(gateway):
        yield fails(gateway, "spec", "no authentication", "anybody who reaches the gateway may call a model", ALLOWED, NEXT)


def _authenticated(gateway: Resource) -> bool:
    """Whether a policy on the gateway, or one on each of its routes, asks who calls."""
    facts, name = gateway.facts, gateway.first("metadata.name")
    if facts is None:
        return False
    if str(gateway.first("apiVersion")).startswith(ISTIO):
        return any(True for _ in facts.of("k8s.RequestAuthentication")) and any(True for _ in facts.of("k8s.AuthorizationPolicy"))
    policies = [policy for policy in facts.of("k8s.SecurityPolicy") if any(policy.first(f"spec.{way}") for way in AUTHENTICATES)]
    targets = {(target.get("kind"), target.get("name")) for policy in policies for target in _targets(policy)}
    routes = [route for route in facts.of(*ROUTES) if name in [found.value for found in route.each("spec.parentRefs.name")]]
    covered = [(route.type.removeprefix("k8s."), route.first("metadata.name")) in targets for route in routes]
    return ("Gateway", name) in targets or (bool(routes) and all(covered))


def _targets(policy: Resource) -> Iterator[Mapping[str, str]]:
    spec = policy.attributes.get("spec") or {}
    yield from (target for target in [*(spec.get("targetRefs") or []), spec.get("targetRef")] if isinstance(target, Mapping))


def _ingress(ingress: Resource) -> Iterator[Verdict]:
    if not ingress.first("spec.tls"):
        yield fails(ingress, "spec.tls", "none", IN_CLEAR, "a certificate", "add spec.tls")


def _client_policy(policy: Resource) -> Iterator[Verdict]:
    oldest = policy.first("spec.tls.minVersion")
    if oldest in ("Auto", "1.0", "1.1"):
        yield fails(policy, "spec.tls.minVersion", oldest, "TLS before 1.2 can be broken", "1.2, 1.3", "raise it")
