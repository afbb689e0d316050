"""Every object we write ourselves is one the API server accepts as it is."""

import pytest

from modules.manifests import bundle
from modules.manifests.objects import external_secret, resource
from modules.resources.engine import Part, Stack
from tests.modules.fake_cluster import FakeCluster
from tests.modules.kubernetes_schemas import object_complaints
from tests.modules.platform import app, environment, platform

CONTAINER = {"name": "one", "image": "registry.example/one:1", "resource": {}}


@pytest.mark.parametrize("name", ["eu-prod", "dev"])
def test_every_object_is_accepted(name: str) -> None:
    complaints = [complaint for item in platform(name).objects() for complaint in object_complaints(item)]
    assert not complaints


@pytest.mark.parametrize("name", ["eu-prod", "dev"])
def test_every_namespaced_object_names_a_namespace_we_create(name: str) -> None:
    created = {item["metadata"]["name"] for item in platform(name).objects("Namespace")}
    used = {item["metadata"]["namespace"] for item in platform(name).objects() if "namespace" in item["metadata"]}
    assert used <= created


def test_a_misspelt_field_of_a_core_object_is_caught() -> None:
    pod = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [CONTAINER]}}
    item = resource("apps/v1", "Deployment", "one", "here", spec={"selector": {"matchLabels": {"a": "b"}}, "template": pod})
    assert any("'resource' was unexpected" in complaint for complaint in object_complaints(item))


def test_a_wrong_type_in_a_core_object_is_caught() -> None:
    item = resource("scheduling.k8s.io/v1", "PriorityClass", "one", value="1000")
    assert any("$.value" in complaint for complaint in object_complaints(item))


def test_a_misspelt_field_of_a_custom_resource_is_caught() -> None:
    item = resource(
        "keda.sh/v1alpha1", "ScaledObject", "one", "here", spec={"scaleTargetRef": {"name": "one"}, "triggers": [], "minReplicas": 1}
    )
    assert any("'minReplicas' was unexpected" in complaint for complaint in object_complaints(item))


def test_a_missing_field_of_a_custom_resource_is_caught() -> None:
    item = resource("external-secrets.io/v1", "ClusterSecretStore", "one", spec={})
    assert any("'provider' is a required property" in complaint for complaint in object_complaints(item))


def test_an_unknown_kind_is_caught() -> None:
    assert object_complaints(resource("example.com/v1", "Nothing", "one")) == ["example.com/v1 Nothing is not a kind we know"]


def test_the_same_object_twice_in_a_bundle_is_refused() -> None:
    stack = Stack(app(), "twice")
    cluster = FakeCluster(stack, environment("dev"))
    secret = external_secret("one", "here", {"key": "name"})
    with pytest.raises(ValueError, match="same object twice"):
        bundle(Part(stack, "twice"), cluster, "twice", "here", [secret, secret])


def test_no_secret_value_is_written_anywhere() -> None:
    """Secrets come from the store; the one Secret we create ourselves is empty."""
    secrets = platform("eu-prod").objects("Secret")
    assert [sorted(item.keys() & {"data", "stringData"}) for item in secrets] == [[]]
