"""What goes where through a gateway: every host a request, a copy of it or its log may reach, and in which role."""

from pathlib import Path
from typing import Any

from blueprint.facts import Facts, Resource, Unknown
from tests.blueprint.facts.writing import manifests, release

HEAD = "metadata: {{name: {name}, namespace: gw{more}}}\nspec:\n"


def document(kind: str, name: str, spec: str, group: str = "gateway.envoyproxy.io/v1alpha1", more: str = "") -> str:
    indented = "".join(f"  {line}\n" for line in spec.strip().splitlines())
    return f"---\napiVersion: {group}\nkind: {kind}\n{HEAD.format(name=name, more=more)}{indented}"


def backend(name: str, host: str, extra: str = "") -> str:
    return document("Backend", name, f"endpoints: [{{fqdn: {{hostname: {host}, port: 443}}}}]\n{extra}")


def ai_backend(name: str) -> str:
    reference = f"{{group: gateway.envoyproxy.io, kind: Backend, name: {name}}}"
    return document("AIServiceBackend", name, f"backendRef: {reference}", "aigateway.envoyproxy.io/v1beta1")


def ai_route(references: str, more: str = "", match: str = "x-ai-eg-model, value: chat") -> str:
    rule = f"hostnames: [llm.acme.internal]\nrules:\n- matches: [{{headers: [{{name: {match}}}]}}]\n  backendRefs: {references}"
    return document("AIGatewayRoute", "models", rule, "aigateway.envoyproxy.io/v1beta1", more)


def flows(facts: Facts) -> list[Resource]:
    return list(facts.of("flow"))


def seen(facts: Facts) -> set[tuple[Any, Any]]:
    return {(flow.first("role"), flow.first("host")) for flow in flows(facts)}


def test_primary_canary_and_failover_of_a_model(tmp_path: Path) -> None:
    names = {"here": "chat.inference.svc.cluster.local", "there": "x.openai.azure.com", "last": "api.example.com"}
    backends = "".join(backend(name, host) + ai_backend(name) for name, host in names.items())
    route = ai_route("[{name: here, weight: 95}, {name: there, weight: 5}, {name: last, priority: 1, weight: 95}]")
    facts = manifests(tmp_path, backends + route)
    assert seen(facts) == {("primary", names["here"]), ("canary", names["there"]), ("failover", names["last"])}
    first = flows(facts)[0]
    assert (first.first("port"), first.first("models"), first.first("hostnames")) == (443, ["chat"], ["llm.acme.internal"])
    assert first.within == "all.yaml/AIGatewayRoute/gw/models"


def test_the_class_a_route_names_is_on_its_flows(tmp_path: Path) -> None:
    facts = manifests(
        tmp_path, backend("a", "a.example.com") + ai_backend("a") + ai_route("[{name: a}]", ", labels: {acme.eu/data-class: special}")
    )
    assert flows(facts)[0].first("data_class") == "special"


def test_the_class_a_rule_matches_on_is_on_its_flow(tmp_path: Path) -> None:
    facts = manifests(
        tmp_path, backend("a", "a.example.com") + ai_backend("a") + ai_route("[{name: a}]", match="x-data-class, value: public")
    )
    assert flows(facts)[0].first("data_class") == "public"


def test_a_backend_that_is_not_there_or_is_chosen_by_the_client_is_unknown(tmp_path: Path) -> None:
    facts = manifests(
        tmp_path, ai_backend("any") + document("Backend", "any", "type: DynamicResolver") + ai_route("[{name: any}, {name: lost}]")
    )
    assert flows(facts)
    assert all(isinstance(flow.first("host"), Unknown) for flow in flows(facts))
    assert len({flow.first("backend") for flow in flows(facts)}) == 2


def test_a_fallback_backend_is_failover(tmp_path: Path) -> None:
    rule = "rules: [{backendRefs: [{kind: Backend, group: gateway.envoyproxy.io, name: a}]}]"
    facts = manifests(
        tmp_path, backend("a", "a.example.com", "fallback: true") + document("HTTPRoute", "r", rule, "gateway.networking.k8s.io/v1")
    )
    assert seen(facts) == {("failover", "a.example.com")}


def test_mirrors_redirects_and_filters_of_single_backends(tmp_path: Path) -> None:
    rule = """
rules:
- filters:
  - {type: RequestMirror, requestMirror: {backendRef: {name: shadow, port: 80}}}
  - {type: RequestRedirect, requestRedirect: {hostname: elsewhere.example.com}}
  backendRefs:
  - {name: web, port: 80, filters: [{type: RequestMirror, requestMirror: {backendRef: {name: copy, namespace: other, port: 80}}}]}
"""
    assert seen(manifests(tmp_path, document("HTTPRoute", "r", rule, "gateway.networking.k8s.io/v1"))) == {
        ("primary", "web.gw.svc.cluster.local"),
        ("mirror", "shadow.gw.svc.cluster.local"),
        ("mirror", "copy.other.svc.cluster.local"),
        ("redirect", "elsewhere.example.com"),
    }


def test_a_service_that_stands_for_something_outside(tmp_path: Path) -> None:
    outside = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: gw}\n"
    outside += "spec: {type: ExternalName, externalName: api.example.com}\n"
    slices = "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
    slices += "metadata: {name: x, namespace: gw, labels: {kubernetes.io/service-name: raw}}\n"
    slices += "endpoints: [{addresses: [203.0.113.7]}]\n"
    rule = "rules: [{backendRefs: [{name: web}, {name: raw}]}]"
    found = seen(manifests(tmp_path, outside + slices + document("GRPCRoute", "r", rule, "gateway.networking.k8s.io/v1")))
    assert {host for _, host in found} == {"api.example.com", "raw.gw.svc.cluster.local", "203.0.113.7"}


def test_what_checks_and_logs_requests_is_a_flow_too(tmp_path: Path) -> None:
    reference = "[{kind: Backend, group: gateway.envoyproxy.io, name: guard}]"
    text = (
        backend("guard", "moderation.example.com")
        + document(
            "EnvoyExtensionPolicy",
            "e",
            f"extProc: [{{backendRefs: {reference}}}]\nwasm: [{{code: {{http: {{url: https://code.example.com/x.wasm}}}}}}]",
        )
        + document(
            "SecurityPolicy",
            "s",
            f"extAuth: {{http: {{backendRefs: {reference}}}}}\njwt: {{providers: [{{remoteJWKS: {{uri: https://id.example.com/k}}}}]}}",
        )
        + document(
            "EnvoyProxy",
            "p",
            "telemetry:\n  tracing: {provider: {host: traces.example.com}}\n"
            "  accessLog: {settings: [{sinks: [{openTelemetry: {host: logs.example.com}}]}]}",
        )
    )
    assert seen(manifests(tmp_path, text)) == {
        ("ext-proc", "moderation.example.com"),
        ("ext-auth", "moderation.example.com"),
        ("code", "code.example.com"),
        ("identity", "id.example.com"),
        ("telemetry", "traces.example.com"),
        ("telemetry", "logs.example.com"),
    }


def test_the_rate_limiter_of_the_gateways_own_configuration(tmp_path: Path) -> None:
    facts = release(tmp_path, "config: {envoyGateway: {rateLimit: {backend: {redis: {url: redis.example.com:6379}}}}}")
    (flow,) = flows(facts)
    assert (flow.first("role"), flow.first("host"), flow.first("port"), flow.within) == (
        "rate-limit",
        "redis.example.com",
        6379,
        "helm_release.r",
    )


def test_an_address_that_is_not_known_before_apply_keeps_its_reference(tmp_path: Path) -> None:
    address = "{fqdn: {hostname: '${cloud_api.x.host}', port: 443}}"
    head = "{apiVersion: gateway.envoyproxy.io/v1alpha1, kind: Backend, metadata: {name: a}"
    objects = f"objects:\n- {head}, spec: {{endpoints: [{address}]}}}}\n"
    head = "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r}"
    objects += f"- {head}, spec: {{rules: [{{backendRefs: [{{kind: Backend, group: g, name: a}}]}}]}}}}\n"
    (flow,) = flows(release(tmp_path, objects))
    assert flow.first("host").references == ("cloud_api.x",)
