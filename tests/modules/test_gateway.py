"""The gateway: a route for every name, a key for every team, and no way round either."""

import http.server
import json
import os
import subprocess
import threading
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from modules.addons.ai_gateway import CONSUMER, TEAM_HEADER
from modules.gateway import tokens
from modules.gateway.proxy import MODEL_HEADER
from modules.gateway.routes import RULES_PER_ROUTE
from tests.modules.platform import Platform, environment, platform

ONE_TEAM = {"hostname": "a.example", "teams": {"one": {"data_class": "public"}}}


def rules(of: Platform | None = None) -> dict[str, Any]:
    """Every rule by the model name it matches."""
    routes = (of or platform("eu-prod")).objects("AIGatewayRoute")
    return {rule["matches"][0]["headers"][0]["value"]: rule for route in routes for rule in route["spec"]["rules"]}


def test_every_model_and_api_has_exactly_one_route() -> None:
    env = environment("eu-prod")
    assert sorted(rules()) == sorted([*env.models, *env.apis])
    routes = platform("eu-prod").objects("AIGatewayRoute")
    assert sum(len(route["spec"]["rules"]) for route in routes) == len(rules())


@pytest.mark.parametrize("name", ["eu-prod", "dev"])
def test_every_route_ends_at_something_that_exists(name: str) -> None:
    found = platform(name)
    backends = {item["metadata"]["name"]: item for item in found.objects("AIServiceBackend")}
    addresses = {item["metadata"]["name"] for item in found.objects("Backend")}
    logins = {item["spec"]["targetRefs"][0]["name"] for item in found.objects("BackendSecurityPolicy")}
    for rule in rules(found).values():
        backend = rule["backendRefs"][0]["name"]
        assert backend in backends
        assert backend in logins
        assert backends[backend]["spec"]["backendRef"]["name"] in addresses


def test_every_rule_matches_one_name_exactly() -> None:
    for name, rule in rules().items():
        assert rule["matches"] == [{"headers": [{"type": "Exact", "name": MODEL_HEADER, "value": name}]}]


def test_a_model_is_reached_at_its_own_service() -> None:
    found = platform("eu-prod")
    endpoint = found.object("Backend", "analysis")["spec"]["endpoints"][0]["fqdn"]
    service = found.object("Service", "analysis")
    assert endpoint == {"hostname": "analysis.inference.svc.cluster.local", "port": service["spec"]["ports"][0]["port"]}
    assert service["metadata"]["namespace"] == "inference"


def test_the_gateway_and_the_model_share_one_key() -> None:
    keys = [item for item in platform("eu-prod").objects("ExternalSecret") if item["metadata"]["name"] == "analysis-api-key"]
    assert {item["metadata"]["namespace"] for item in keys} == {"inference", "gateway"}
    assert {item["spec"]["data"][0]["remoteRef"]["key"] for item in keys} == {"model-analysis-api-key"}


def test_hosted_apis_are_called_over_tls_without_a_key() -> None:
    found = platform("eu-prod")
    assert found.object("Backend", "drafting")["spec"]["tls"] == {"wellKnownCACertificates": "System", "sni": "hosted.example"}
    assert found.object("AIServiceBackend", "drafting")["spec"]["schema"] == {"name": "OpenAI", "prefix": "/openai/v1"}
    assert found.object("BackendSecurityPolicy", "drafting")["spec"]["apiKey"] == {"secretRef": {"name": tokens.TOKEN}}


def test_without_hosted_apis_nobody_fetches_tokens() -> None:
    names = {item["metadata"]["name"] for item in platform("dev").objects()}
    assert tokens.NAME not in names
    assert tokens.TOKEN not in names


def test_an_alias_leads_to_its_model_under_the_models_own_name() -> None:
    found = Platform(environment("dev", gateway={**ONE_TEAM, "aliases": {"gpt-4": "chat"}}))
    assert rules(found)["gpt-4"]["backendRefs"] == [{"name": "chat", "modelNameOverride": "chat"}]
    assert rules(found)["chat"]["backendRefs"] == [{"name": "chat"}]


def test_an_adapter_is_reached_at_its_model_under_its_own_name() -> None:
    chat = {"model": "phi-4-14b", "format": "bf16", "pool": "gpu", "max_context_tokens": 8192, "adapters": {"names": ["letters"]}}
    found = rules(Platform(environment("dev", gateway=ONE_TEAM, models={"chat": chat})))
    assert found["letters"]["backendRefs"] == [{"name": "chat"}]  # no override: the request's own name is the adapter's
    assert found["chat"]["backendRefs"] == [{"name": "chat"}]


def test_more_rules_than_a_route_may_have_are_split() -> None:
    aliases = {f"name-{number}": "chat" for number in range(20)}
    found = Platform(environment("dev", gateway={**ONE_TEAM, "aliases": aliases}))
    routes = found.objects("AIGatewayRoute")
    assert [len(route["spec"]["rules"]) for route in routes] == [RULES_PER_ROUTE, 6]
    assert len(rules(found)) == 21


def test_long_generations_are_not_cut_off_after_a_minute() -> None:
    assert {rule["timeouts"]["request"] for rule in rules().values()} == {"900s"}


def test_every_team_has_a_key_from_the_secret_store() -> None:
    env = environment("eu-prod")
    keys = platform("eu-prod").object("ExternalSecret", "team-keys")["spec"]["data"]
    assert {item["secretKey"]: item["remoteRef"]["key"] for item in keys} == {team: f"team-{team}-api-key" for team in env.gateway.teams}


def test_the_whole_gateway_asks_for_a_key_and_forwards_the_team_not_the_key() -> None:
    policy = platform("eu-prod").object("SecurityPolicy", "inference")["spec"]
    assert policy["targetRefs"] == [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "inference"}]
    assert policy["apiKeyAuth"]["forwardClientIDHeader"] == TEAM_HEADER
    assert policy["apiKeyAuth"]["sanitize"] is True


def test_nobody_can_bring_a_team_of_their_own() -> None:
    headers = platform("eu-prod").object("ClientTrafficPolicy", "inference")["spec"]["headers"]
    assert TEAM_HEADER in headers["earlyRequestHeaders"]["remove"]


def test_statistics_are_kept_by_the_name_asked_for_and_by_team() -> None:
    """Alerts and accounts read `envoy_cluster_name="model/<name>"` and `consumer`."""
    metrics = platform("eu-prod").object("EnvoyProxy", "inference")["spec"]["telemetry"]["metrics"]
    assert metrics == {"clusterStatName": "model/%ROUTE_RULE_NAME%"}
    assert all(name == rule["name"] and "." not in name for name, rule in rules().items())  # a dot would end the name there
    assert platform("eu-prod").values("ai-gateway")["controller"]["metricsRequestHeaderAttributes"] == f"{TEAM_HEADER}:{CONSUMER}"


def test_a_full_replica_is_answered_by_another_one() -> None:
    retry = platform("eu-prod").object("BackendTrafficPolicy", "inference")["spec"]["retry"]
    assert 503 in retry["retryOn"]["httpStatusCodes"]
    assert "retriable-status-codes" in retry["retryOn"]["triggers"]


def test_there_is_one_way_in_with_tls_behind_a_private_load_balancer() -> None:
    found = platform("eu-prod")
    (listener,) = found.object("Gateway", "inference")["spec"]["listeners"]
    assert (listener["protocol"], listener["port"], listener["hostname"]) == ("HTTPS", 443, "inference.acme.internal")
    certificate = found.object("Certificate", listener["tls"]["certificateRefs"][0]["name"])
    assert certificate["spec"]["dnsNames"] == ["inference.acme.internal"]
    service = found.object("EnvoyProxy", "inference")["spec"]["provider"]["kubernetes"]["envoyService"]
    assert service["annotations"] == found.cluster.load_balancer_annotations()


def test_the_pod_that_fetches_tokens_may_write_one_secret_and_no_more() -> None:
    (rule,) = platform("eu-prod").object("Role", tokens.NAME)["rules"]
    assert (rule["resources"], rule["resourceNames"], rule["verbs"]) == (["secrets"], [tokens.TOKEN], ["get", "patch"])


class Server(http.server.BaseHTTPRequestHandler):
    """Stands for Entra (POST) and the Kubernetes API (PATCH)."""

    def do_POST(self) -> None:
        self.answer(json.dumps({"token_type": "Bearer", "access_token": "fresh"}))

    def do_PATCH(self) -> None:
        self.answer("{}")

    def answer(self, body: str) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.seen.append((self.command, self.path, self.headers.get("Authorization"), sent))  # type: ignore[attr-defined]
        refused = self.server.refuse and self.command == "POST"  # type: ignore[attr-defined]
        self.send_response(401 if refused else 200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


class TestTokens:
    """The script of the token pod, run for real against local servers."""

    def run(self, tmp_path: Path, refuse: bool = False) -> tuple[int, str, list[Any]]:
        if which("curl") is None:
            pytest.skip("curl is not installed")
        server = http.server.HTTPServer(("127.0.0.1", 0), Server)
        server.seen, server.refuse = [], refuse  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (tmp_path / "token").write_text("service account")
        (tmp_path / "ca.crt").write_text("")
        (tmp_path / "federated").write_text("federated+token")
        url = f"http://127.0.0.1:{server.server_port}"
        variables = {
            "PATH": os.environ["PATH"],
            "AZURE_AUTHORITY_HOST": f"{url}/",
            "AZURE_TENANT_ID": "tenant",
            "AZURE_CLIENT_ID": "client",
            "AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "federated"),
            "SCOPE": tokens.SCOPE,
            "SECRET_URL": f"{url}/secret",
            "REFRESH_SECONDS": "0; exit 7",
        }
        script = tokens.SCRIPT.replace("/var/run/secrets/kubernetes.io/serviceaccount", str(tmp_path)).replace(
            "/tmp/login", str(tmp_path / "login")
        )
        script = script.replace('sleep "$REFRESH_SECONDS"', "exit 7").replace("--cacert $account/ca.crt", "")
        done = subprocess.run(["sh", "-c", script], env=variables, capture_output=True, text=True, check=False, timeout=20)
        server.shutdown()
        server.server_close()
        return done.returncode, done.stdout + done.stderr, server.seen  # type: ignore[attr-defined]

    def test_a_token_is_exchanged_and_handed_to_the_gateway(self, tmp_path: Path) -> None:
        code, output, seen = self.run(tmp_path)
        (_, login_path, _, login), (_, _, authorization, patch) = seen
        assert code == 7
        assert login_path == "/tenant/oauth2/v2.0/token"
        assert "client_assertion=federated%2Btoken" in login
        assert "scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default" in login
        assert authorization == "Bearer service account"
        assert json.loads(patch) == {"stringData": {"apiKey": "fresh"}}
        assert "fresh" not in output

    def test_a_refused_exchange_ends_the_pod_and_leaves_the_old_token(self, tmp_path: Path) -> None:
        code, _, seen = self.run(tmp_path, refuse=True)
        assert code not in (0, 7)
        assert [command for command, *_ in seen] == ["POST"]
