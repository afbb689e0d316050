"""What the API server refuses in the platform's namespaces: the shipped expressions, evaluated offline."""

import json
from functools import cache
from typing import Any

import celpy
import pytest
from celpy.adapter import json_to_cel

from tests.modules.platform import platform

REGISTRY = "registry.example/acme"
POD: dict[str, Any] = {
    "metadata": {"name": "vllm"},
    "spec": {"containers": [{"name": "vllm", "image": "IMAGE", "env": [{"name": "HF_HUB_OFFLINE", "value": "1"}]}]},
}


@cache
def expressions() -> dict[str, list[str]]:
    found = platform("eu-prod").objects("ValidatingAdmissionPolicy")
    return {item["metadata"]["name"]: [one["expression"] for one in item["spec"]["validations"]] for item in found}


def admits(policy: str, item: dict[str, Any]) -> bool:
    environment = celpy.Environment()
    context = {"object": json_to_cel(json.loads(json.dumps(item)))}
    return all(bool(environment.program(environment.compile(text)).evaluate(context)) for text in expressions()[policy])


def pod(image: str | None = None, **spec: Any) -> dict[str, Any]:
    mirror = f"{platform('eu-prod').cluster.registry}/docker.io/vllm/vllm-openai:v1"
    return json.loads(json.dumps({**POD, "spec": {**POD["spec"], **spec}}).replace("IMAGE", image or mirror))  # type: ignore[no-any-return]


def test_every_policy_is_bound_and_denies() -> None:
    bindings = platform("eu-prod").objects("ValidatingAdmissionPolicyBinding")
    assert {item["spec"]["policyName"] for item in bindings} == set(expressions())
    assert all(item["spec"]["validationActions"] == ["Deny"] for item in bindings)


def test_images_come_from_the_mirror_alone() -> None:
    assert admits("images-from-the-mirror", pod())
    assert not admits("images-from-the-mirror", pod("docker.io/vllm/vllm-openai:v1"))
    assert not admits("images-from-the-mirror", pod(f"{platform('eu-prod').cluster.registry}.attacker.example/vllm:v1"))
    assert not admits("images-from-the-mirror", pod(initContainers=[{"name": "init", "image": "busybox"}]))
    assert not admits("images-from-the-mirror", pod(ephemeralContainers=[{"name": "debug", "image": "busybox"}]))


def test_a_model_that_may_ask_the_hub_is_refused() -> None:
    assert admits("models-stay-offline", pod())
    for env in ([], [{"name": "HF_HUB_OFFLINE", "value": "0"}], [{"name": "HF_HUB_OFFLINE", "valueFrom": {}}]):
        assert not admits("models-stay-offline", pod(containers=[{"name": "vllm", "image": "IMAGE", "env": env}]))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, True),
        ({"type": "ClusterIP"}, True),
        ({"type": "LoadBalancer"}, False),
        ({"type": "NodePort"}, False),
        ({"type": "ExternalName", "externalName": "api.openai.com"}, False),
        ({"type": "ClusterIP", "externalIPs": ["203.0.113.4"]}, False),
    ],
)
def test_services_stay_private(spec: dict[str, Any], expected: bool) -> None:
    assert admits("services-stay-private", {"metadata": {"name": "s"}, "spec": spec}) is expected


def test_a_load_balancer_with_a_private_address_is_admitted() -> None:
    annotations = dict(platform("eu-prod").cluster.load_balancer_annotations())
    assert annotations
    assert admits("services-stay-private", {"metadata": {"annotations": annotations}, "spec": {"type": "LoadBalancer"}})
    others = dict.fromkeys(annotations, "something else")
    assert not admits("services-stay-private", {"metadata": {"annotations": others}, "spec": {"type": "LoadBalancer"}})


@pytest.mark.parametrize(
    ("egress", "expected"),
    [
        (None, True),
        ([], True),
        ([{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}], True),
        ([{"ports": [{"port": 443}]}], False),
        ([{"to": [{}]}], False),
    ],
)
def test_egress_names_its_destinations(egress: Any, expected: bool) -> None:
    spec = {"podSelector": {}} | ({} if egress is None else {"egress": egress})
    assert admits("egress-is-listed", {"spec": spec}) is expected


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("keda.sh", True),
        ("aigateway.envoyproxy.io", True),
        ("s3.aws.upbound.io", False),
        ("argoproj.io", False),
        ("storage.azure.com", False),
    ],
)
def test_controllers_that_create_resources_elsewhere_cannot_be_installed(group: str, expected: bool) -> None:
    assert admits("no-other-deployers", {"spec": {"group": group}}) is expected


def test_what_the_platform_itself_runs_is_admitted() -> None:
    """Our own pods, services and network policies pass the policies of their namespaces."""
    ours = platform("eu-prod")
    for item in ours.objects("NetworkPolicy"):
        assert admits("egress-is-listed", item)
    for item in ours.objects("Service"):
        assert admits("services-stay-private", item)
    for item in ours.objects("Deployment"):
        template = item["spec"]["template"]
        assert admits("images-from-the-mirror", template)
        assert item["metadata"]["namespace"] != "inference" or admits("models-stay-offline", template)
