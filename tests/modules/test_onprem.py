"""An existing cluster: the contract reaches every chart and object, and nothing is created outside the cluster."""

from functools import cache
from typing import Any, cast
from urllib.parse import urlsplit

from blueprint import secrets
from blueprint.environment import Environment, Onprem
from blueprint.environment.onprem import Access, Arc, Exec, KubernetesSecrets, SecretStore
from modules import clusters
from modules.clusters.onprem import Target
from tests.modules.kubernetes_schemas import object_complaints, value_complaints
from tests.modules.platform import Object, Platform, environment
from tests.modules.synth import synth
from tests.modules.terraform_schemas import complaints

PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"


@cache
def dc_prod() -> Platform:
    return Platform(environment("dc-prod"), cast(Any, Target))


def contract() -> Onprem:
    return cast(Onprem, environment("dc-prod").cluster)


def changed(**changes: Any) -> Environment:
    return environment("dc-prod").model_copy(update={"cluster": contract().model_copy(update=changes)})


def stack(env: Environment) -> dict[str, Any]:
    return synth(lambda scope: clusters.build(scope, env), env.name)


def remote(secret: Object) -> dict[str, str]:
    return {item["secretKey"]: f"{item['remoteRef']['key']}#{item['remoteRef']['property']}" for item in secret["spec"]["data"]}


def environment_of(container: Object) -> dict[str, Any]:
    return {item["name"]: item.get("value", item.get("valueFrom")) for item in container["env"]}


def test_nothing_but_releases_is_created() -> None:
    assert "resource" not in stack(environment("dc-prod"))
    assert set(stack(environment("dc-prod"))["provider"]) == {"helm"}


def test_helm_logs_in_with_the_kubeconfig_named() -> None:
    (helm,) = stack(environment("dc-prod"))["provider"]["helm"]
    assert helm["kubernetes"] == {"config_path": "~/.kube/dc-prod", "config_context": "dc-prod"}


def test_helm_logs_in_with_a_program_where_there_is_no_kubeconfig() -> None:
    login = Exec(host="https://api.dc.acme.internal:6443", ca_certificate=PEM, command="kubelogin", args=["get-token"])
    found = stack(changed(access=Access(exec=login)))
    (helm,) = found["provider"]["helm"]
    assert helm["kubernetes"]["exec"]["command"] == "kubelogin"
    assert helm["kubernetes"]["cluster_ca_certificate"] == PEM
    assert complaints(found) == []


def test_every_chart_and_object_is_accepted() -> None:
    assert not [text for chart, values in dc_prod().charts() for text in value_complaints(chart, values)]
    assert not [text for item in dc_prod().objects() for text in object_complaints(item)]


def test_every_secret_comes_from_the_list_of_those_to_fill_in_and_none_is_left_over() -> None:
    asked = {reference for secret in dc_prod().objects("ExternalSecret") for reference in remote(secret).values()}
    listed = {f"dc-prod/{one.name}#{part}" for one in secrets.required(environment("dc-prod")) for part in one.properties}
    assert asked == listed


def test_external_secrets_logs_in_to_the_vault_with_its_service_account() -> None:
    store = dc_prod().object("ClusterSecretStore", "environment")["spec"]["provider"]["vault"]
    assert (store["server"], store["path"], store["version"]) == ("https://vault.dc.acme.internal:8200", "inference", "v2")
    assert store["auth"]["kubernetes"]["serviceAccountRef"] == {"name": "external-secrets", "namespace": "external-secrets"}


def test_secrets_of_another_namespace_serve_where_there_is_no_vault() -> None:
    env = changed(secret_store=SecretStore(kubernetes=KubernetesSecrets(namespace="handed-over")))
    found = Platform(env, cast(Any, Target))
    store = found.object("ClusterSecretStore", "environment")
    assert store["spec"]["provider"]["kubernetes"]["remoteNamespace"] == "handed-over"
    assert object_complaints(store) == []
    assert found.cluster.generate_secret("grafana-admin-password") == "grafana-admin-password#value"


def test_models_read_their_weights_with_keys_of_their_own() -> None:
    pod = dc_prod().object("Deployment", "analysis")["spec"]["template"]["spec"]
    variables = environment_of(pod["initContainers"][0])
    assert variables["RCLONE_CONFIG_STORE_ENDPOINT"] == "https://s3.dc.acme.internal"
    assert variables["AWS_SECRET_ACCESS_KEY"] == {"secretKeyRef": {"name": "model-credentials", "key": "AWS_SECRET_ACCESS_KEY"}}
    assert remote(dc_prod().object("ExternalSecret", "model-credentials"))["AWS_ACCESS_KEY_ID"] == "dc-prod/weights-reader#access_key"
    assert "AWS_SECRET_ACCESS_KEY" not in environment_of(pod["containers"][0])


def test_mlflow_writes_artifacts_with_other_keys() -> None:
    variables = {item["name"]: item for item in dc_prod().values("mlflow")["env"]}
    assert variables["MLFLOW_S3_ENDPOINT_URL"]["value"] == "https://s3.dc.acme.internal"
    assert variables["MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE"]["value"] == "path"
    assert variables["AWS_ACCESS_KEY_ID"]["valueFrom"]["secretKeyRef"]["name"] == "mlflow-credentials"
    assert remote(dc_prod().object("ExternalSecret", "mlflow-credentials"))["AWS_ACCESS_KEY_ID"] == "dc-prod/artifacts-writer#access_key"


def test_private_services_are_reached_on_the_ports_of_their_addresses() -> None:
    policy = dc_prod().object("NetworkPolicy", "all-pods")
    vault = urlsplit("https://vault.dc.acme.internal:8200").port
    secrets_policy = next(
        item for item in dc_prod().objects("NetworkPolicy", "external-secrets") if item["metadata"]["name"] == policy["metadata"]["name"]
    )
    rules = [rule for rule in secrets_policy["spec"]["egress"] if {"ipBlock": {"cidr": "10.20.8.0/24"}} in rule.get("to", [])]
    assert {port["port"] for rule in rules for port in rule["ports"]} >= {443, vault}


def test_nothing_in_the_cluster_may_reach_the_internet() -> None:
    open_to_all = [
        item["metadata"]["name"]
        for item in dc_prod().objects("NetworkPolicy")
        for rule in item["spec"].get("egress", [])
        if any(peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0" for peer in rule.get("to", []))
    ]
    assert open_to_all == []


def test_with_the_driver_on_the_host_the_operator_builds_none_and_no_pod_goes_outside() -> None:
    found = Platform(changed(gpu_driver="host"), cast(Any, Target))
    values = found.values("gpu-operator")
    assert (values["driver"]["enabled"], values["toolkit"]["enabled"]) == (False, True)
    assert not [item for item in found.objects("NetworkPolicy") if item["metadata"]["name"] == "drivers"]


def test_the_load_balancer_gets_the_annotations_of_the_contract() -> None:
    service = dc_prod().object("EnvoyProxy", "inference")["spec"]["provider"]["kubernetes"]["envoyService"]
    assert service["annotations"] == {"metallb.io/address-pool": "inference"}


def test_arc_is_the_only_thing_created_outside_and_its_region_is_a_literal() -> None:
    found = stack(changed(arc=Arc(region="germanywestcentral", agent_public_key_certificate="AA==")))
    assert set(found["resource"]) == {"azurerm_resource_group", "azurerm_arc_kubernetes_cluster"}
    (cluster,) = found["resource"]["azurerm_arc_kubernetes_cluster"].values()
    assert cluster["location"] == "germanywestcentral"
    assert complaints(found) == []
