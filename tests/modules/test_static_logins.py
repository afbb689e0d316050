"""Logins that pods need from their first minute: write-only, in every namespace, handed to every pod."""

from typing import Any

from blueprint.environment import Environment
from modules.clusters.base import StaticLogins
from modules.resources.base import Ref
from modules.resources.engine import Construct
from tests.modules.fake_cluster import FakeCluster
from tests.modules.kubernetes_schemas import object_complaints
from tests.modules.platform import Platform, environment, platform

LOGIN = Ref("${base64encode(fake_key.secret)}")


class WithLogins(FakeCluster):
    """A cloud that trusts no service account."""

    def __init__(self, scope: Construct, env: Environment) -> None:
        super().__init__(scope, env)
        self.static_logins = StaticLogins(LOGIN, {"token": LOGIN}, revision=7)


def build() -> Platform:
    return Platform(environment("dev"), WithLogins)


def releases(built: Platform) -> list[dict[str, Any]]:
    return [release for release in built.releases.values() if release["name"].startswith("login-")]


def test_every_namespace_gets_the_registry_login() -> None:
    built = build()
    namespaces = {item["metadata"]["name"] for item in built.objects("Namespace")}
    assert {release["namespace"] for release in releases(built)} == namespaces


def test_a_login_is_set_write_only_and_stands_in_no_value() -> None:
    for release in releases(build()):
        assert "fake_key" not in release["values"][0]
        assert release["set_wo"][0]["name"] == rf"objects.secret-{release['namespace']}-registry-login.data.\.dockerconfigjson"
        assert release["set_wo"][0]["value"] == str(LOGIN)


def test_an_upgrade_that_sends_no_login_keeps_the_one_before() -> None:
    """The provider leaves write-only values out unless their revision grows; without this they would be emptied."""
    assert {(release["reuse_values"], release["set_wo_revision"]) for release in releases(build())} == {(True, 7)}


def test_the_secret_store_login_stands_beside_external_secrets_only() -> None:
    found = [item["metadata"]["namespace"] for item in build().objects("Secret") if item["metadata"]["name"] == "secret-store-login"]
    assert found == ["external-secrets"]


def test_the_first_chart_waits_for_the_logins() -> None:
    waits = next(release for release in build().releases.values() if release["name"] == "cert-manager")["depends_on"]
    assert [one for one in waits if "login_cert_manager" in one]


def test_every_pod_of_ours_is_handed_the_registry_login() -> None:
    built = build()
    policy = built.object("MutatingAdmissionPolicy", "registry-login")
    selector = policy["spec"]["matchConstraints"]["namespaceSelector"]["matchLabels"]
    assert all(selector.items() <= namespace["metadata"]["labels"].items() for namespace in built.objects("Namespace"))
    assert built.object("MutatingAdmissionPolicyBinding", "registry-login")["spec"]["policyName"] == "registry-login"
    assert [text for item in built.objects() for text in object_complaints(item)] == []


def test_a_cloud_with_identities_has_none_of_it() -> None:
    assert releases(platform("dev")) == []
    assert not platform("dev").objects("MutatingAdmissionPolicy")
