"""MLflow: password and artifacts out of its values, telemetry off."""

from tests.modules.platform import platform


def test_the_database_password_never_appears_in_values() -> None:
    values = platform("eu-prod").values("mlflow")
    assert values["mlflow"]["backendStoreUriFrom"] == {"secretKeyRef": {"name": "mlflow-database", "key": "uri"}}
    assert "backendStoreUri" not in values["mlflow"]


def test_the_database_uri_is_put_together_inside_the_cluster_with_tls() -> None:
    secret = platform("eu-prod").object("ExternalSecret", "mlflow-database")["spec"]
    assert secret["data"] == [{"secretKey": "password", "remoteRef": {"key": "mlflow-database-password"}}]
    uri = secret["target"]["template"]["data"]["uri"]
    assert uri == "postgresql://mlflow:{{ .password }}@${fake_database.main.fqdn}:5432/mlflow?sslmode=require"


def test_artifacts_go_through_mlflow_to_the_zones_object_storage() -> None:
    values = platform("eu-prod").values("mlflow")
    assert values["mlflow"]["artifactsDestination"] == platform("eu-prod").cluster.object_store.artifacts
    assert values["podLabels"] == {"identity.example/use": "true"}
    assert values["serviceAccount"]["name"] == "mlflow"


def test_telemetry_is_off_and_only_known_hosts_are_answered() -> None:
    environment = {item["name"]: item["value"] for item in platform("eu-prod").values("mlflow")["env"]}
    assert environment["MLFLOW_DISABLE_TELEMETRY"] == "true"
    hosts = environment["MLFLOW_SERVER_ALLOWED_HOSTS"].split(",")
    assert "mlflow.mlflow.svc" in hosts
    assert "*" not in hosts


def test_metrics_are_scraped() -> None:
    values = platform("eu-prod").values("mlflow")
    assert values["metrics"]["enabled"] is True
    assert values["serviceMonitor"]["enabled"] is True
