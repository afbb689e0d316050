"""What Kapsule promises beyond the contract (test_clusters.py): closed, encrypted, in one region, no secret where none must be."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml

from blueprint.environment import Environment
from modules import addons, clusters, gateway, monitoring, registry, serving
from modules.resources.engine import Stack
from tests.modules.kubernetes_schemas import object_complaints
from tests.modules.synth import environment, synth
from tests.modules.terraform_schemas import complaints

Json = dict[str, Any]


def whole(env: Environment) -> Json:
    """The environment's stack, cluster and all that runs in it."""

    def build(stack: Stack) -> None:
        cluster = clusters.build(stack, env)
        platform = addons.install(stack, cluster)
        monitoring.install(stack, cluster, platform)
        registry.install(stack, cluster, platform)
        gateway.expose(stack, cluster, platform, serving.deploy(stack, cluster, platform))

    return synth(build, env.name)


@cache
def fr_prod() -> Json:
    return whole(environment("fr-prod"))


def all_of(kind: str) -> list[Json]:
    return list(fr_prod()["resource"][kind].values())


def only(kind: str) -> Json:
    (found,) = all_of(kind)
    return found


def objects() -> Iterator[Json]:
    """The Kubernetes objects we write ourselves, with a host name where Terraform fills one in."""
    for release in all_of("helm_release"):
        if not release["chart"].startswith("oci://"):
            text = release["values"][0].replace("$${", "${").replace("%%{", "%{")
            yield from yaml.safe_load(re.sub(r"\$\{element\(split.*?\}", "host.example", text))["objects"].values()


def one(kind: str, name: str) -> Json:
    (found,) = (item for item in objects() if (item["kind"], item["metadata"]["name"]) == (kind, name))
    return found


def test_nodes_have_no_public_address_and_wait_for_their_way_out() -> None:
    assert {pool["public_ip_disabled"] for pool in all_of("scaleway_k8s_pool")} == {True}
    assert "scaleway_vpc_gateway_network.cluster_network_way_out" in only("scaleway_k8s_cluster")["depends_on"]
    assert only("scaleway_vpc_gateway_network")["ipam_config"] == {"push_default_route": True}


def test_the_api_server_is_closed_but_for_the_ranges_given_and_the_nodes() -> None:
    rules = only("scaleway_k8s_acl")["acl_rules"]
    assert [rule["ip"] for rule in rules] == ["198.51.100.0/24", "${scaleway_vpc_public_gateway_ip.cluster_network_address.address}/32"]


def test_nothing_is_installed_before_the_api_server_is_closed() -> None:
    foundation = fr_prod()["resource"]["helm_release"]["addons_foundation_release"]
    assert "scaleway_k8s_acl.cluster_kubernetes_acl" in foundation["depends_on"]


def test_a_deleted_cluster_leaves_volumes_and_network_behind() -> None:
    assert only("scaleway_k8s_cluster")["delete_additional_resources"] is False


def test_gpu_pools_are_tainted_labelled_and_upgraded_without_a_spare_node() -> None:
    (pool,) = (pool for pool in all_of("scaleway_k8s_pool") if pool["name"] == "h100")
    assert pool["taints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]
    assert pool["labels"] == {"inference/pool": "h100"}
    assert pool["upgrade_policy"] == {"max_surge": 0, "max_unavailable": 1}
    assert pool["zone"] == "fr-par-2"


def test_scaleways_gpu_operator_is_not_installed_twice_and_its_metrics_are_scraped() -> None:
    assert not [release for release in all_of("helm_release") if release["name"] == "gpu-operator"]
    monitor = one("PodMonitor", "gpus")
    assert monitor["metadata"]["namespace"] == "kube-system"
    assert monitor["spec"]["selector"]["matchLabels"] == {"app": "nvidia-dcgm-exporter"}
    allowed = one("NetworkPolicy", "prometheus")["spec"]["egress"]
    assert any({"protocol": "TCP", "port": 9400} in rule["ports"] and "to" in rule for rule in allowed)


def test_the_database_is_private_encrypted_and_backed_up_at_home() -> None:
    server = only("scaleway_rdb_instance")
    assert "load_balancer" not in server
    assert (server["encryption_at_rest"], server["backup_same_region"], server["disable_backup"]) == (True, True, False)
    assert server["password_wo"] == "${ephemeral.scaleway_secret_version.cluster_vault_read_mlflow_database_password.data}"


def test_buckets_are_versioned_and_encrypted_with_our_key() -> None:
    assert {bucket["versioning"]["enabled"] for bucket in all_of("scaleway_object_bucket")} == {True}
    for encryption in all_of("scaleway_object_bucket_server_side_encryption_configuration"):
        (rule,) = encryption["rule"]
        assert rule["apply_server_side_encryption_by_default"]["sse_algorithm"] == "aws:kms"
        assert "cluster_vault_key" in rule["apply_server_side_encryption_by_default"]["kms_master_key_id"]
    assert only("scaleway_object_bucket_lock_configuration")["bucket"] == "${scaleway_object_bucket.cluster_storage_weights.name}"


def test_nothing_moves_to_glacier_which_is_always_in_paris() -> None:
    assert "GLACIER" not in json.dumps(fr_prod()["resource"]["scaleway_object_bucket"])


def test_images_come_from_a_private_registry() -> None:
    assert only("scaleway_registry_namespace")["is_public"] is False


def test_the_key_and_the_secrets_are_protected_until_the_lock_is_lifted() -> None:
    assert only("scaleway_key_manager_key")["unprotected"] is False
    assert {secret["protected"] for secret in all_of("scaleway_secret")} == {True}
    unlocked = whole(environment("fr-prod", cluster={"deletion_lock": False}))["resource"]
    assert {secret["protected"] for secret in unlocked["scaleway_secret"].values()} == {False}


def test_every_secret_value_is_write_only() -> None:
    assert all("data_wo" in version and "data" not in version for version in all_of("scaleway_secret_version"))


def test_every_key_expires_and_its_policy_names_no_more_than_it_needs() -> None:
    assert {key["expires_at"] for key in all_of("scaleway_iam_api_key")} == {"2027-06-01T00:00:00Z"}
    granted = {name for policy in all_of("scaleway_iam_policy") for rule in policy["rule"] for name in rule["permission_set_names"]}
    assert not [name for name in granted if name.endswith(("FullAccess", "Manager"))]


def test_a_later_end_of_the_keys_writes_them_everywhere_again() -> None:
    env = environment("fr-prod")
    later = whole(environment("fr-prod", cluster={"keys_expire": env.cluster.keys_expire.replace(year=2028)}))["resource"]  # type: ignore[union-attr]
    name = "cluster_vault_value_weights_aws_secret_access_key"
    assert later["scaleway_secret_version"][name]["data_wo_version"] == 20280601
    assert later["helm_release"]["addons_logins_login_mlflow_release"]["set_wo_revision"] == 20280601
    generated = later["scaleway_secret_version"]["cluster_vault_value_mlflow_database_password"]
    assert generated["data_wo_version"] == 1


def test_the_halves_of_keys_stand_in_no_plain_value() -> None:
    """They reach the state once, in the key itself; everything else takes them write-only."""
    for kind, resources in fr_prod()["resource"].items():
        for name, arguments in resources.items():
            plain = {key: value for key, value in arguments.items() if key not in ("data_wo", "set_wo")}
            assert "secret_key" not in json.dumps(plain).replace("AWS_SECRET_ACCESS_KEY", ""), f"{kind}.{name}"


def test_models_and_mlflow_get_keys_of_their_own_through_the_secret_store() -> None:
    for deployment in ("model-credentials", "mlflow-credentials"):
        (secret,) = (item for item in objects() if item["metadata"]["name"] == deployment)
        assert [entry["secretKey"] for entry in secret["spec"]["data"]] == ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    container = one("Deployment", "triage")["spec"]["template"]["spec"]["initContainers"][0]
    assert {"RCLONE_CONFIG_STORE_ENDPOINT", "AWS_SECRET_ACCESS_KEY"} <= {variable["name"] for variable in container["env"]}


def test_the_secret_store_is_scaleways_and_logs_in_with_a_secret_beside_it() -> None:
    store = one("ClusterSecretStore", "environment")["spec"]["provider"]["scaleway"]
    assert store["region"] == "fr-par"
    assert store["secretKey"]["secretRef"] == {"name": "secret-store-login", "namespace": "external-secrets", "key": "secret-key"}


def test_a_hosted_model_is_called_with_a_key_that_works_from_here_only() -> None:
    assert only("scaleway_inference_deployment")["public_endpoint"] == {"is_enabled": True, "disable_auth": False}
    (policy,) = (policy for policy in all_of("scaleway_iam_policy") if policy["name"] == "fr-prod-gateway")
    assert policy["rule"][0]["condition"].startswith("request.ip == '${scaleway_vpc_public_gateway_ip")
    login = one("BackendSecurityPolicy", "drafting")["spec"]["apiKey"]["secretRef"]["name"]
    assert one("ExternalSecret", login)["spec"]["data"][0]["remoteRef"]["key"] == "name:fr-prod-gateway-api-key"
    assert not [item for item in objects() if item["metadata"]["name"] == "hosted-api-caller"]


def test_pods_reach_scaleways_addresses_and_their_own_network_but_not_the_internet() -> None:
    for name, namespace in (("models", "inference"), ("mlflow", "mlflow"), ("all-pods", "external-secrets")):
        policies = [item for item in objects() if item["kind"] == "NetworkPolicy" and item["metadata"]["namespace"] == namespace]
        (policy,) = (item for item in policies if item["metadata"]["name"] == name)
        rules = policy["spec"]["egress"]
        assert all("to" in rule for rule in rules)
        blocks = {peer["ipBlock"]["cidr"] for rule in rules for peer in rule["to"] if "ipBlock" in peer}
        assert {"172.16.0.0/22", "51.158.0.0/15"} <= blocks
        assert "0.0.0.0/0" not in blocks


def test_kubernetes_accepts_every_object() -> None:
    assert [text for item in objects() for text in object_complaints(item)] == []


def test_without_hosted_models_and_organisation_budget_neither_is_created() -> None:
    env = environment("fr-prod", cluster={"organisation_budget": False}).model_copy(update={"apis": {}})
    stack = whole(env)
    assert not [kind for kind in stack["resource"] if kind.startswith(("scaleway_billing", "scaleway_inference"))]
    assert complaints(stack) == []


@pytest.mark.parametrize("login", [None, {"issuer": "https://login.acme.example", "client_id": "kubernetes"}])
def test_people_may_log_in_with_an_issuer_of_their_own(login: Json | None) -> None:
    from blueprint.environment.kapsule import Login

    stack = whole(environment("fr-prod", cluster={"login": Login.model_validate(login) if login else None}))
    (cluster,) = stack["resource"]["scaleway_k8s_cluster"].values()
    assert ("open_id_connect_config" in cluster) == (login is not None)
    assert complaints(stack) == []
