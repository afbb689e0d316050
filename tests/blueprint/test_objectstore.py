"""Where a store may be, and how it says no."""

from pathlib import Path

import pytest

from blueprint.environment import Environment
from blueprint.environment.loading import load
from blueprint.objectstore import NotOffered, Refused, asking, check_location, connect

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def env() -> Environment:
    return load(ROOT / "environments" / "dev.yaml")


def test_a_region_outside_the_zone_is_refused(env: Environment) -> None:
    with pytest.raises(Refused, match="eastus is in the United States, outside zone eu-resident"):
        check_location(env, "eastus", "https://s3.example.eu", "state")


def test_an_endpoint_that_names_another_region_is_refused(env: Environment) -> None:
    with pytest.raises(Refused, match="is of northeurope, but region is westeurope"):
        check_location(env, "westeurope", "https://s3.northeurope.example.eu", "state")
    with pytest.raises(Refused, match="eastus is in the United States"):
        check_location(env, "westeurope", "https://s3.eastus.example.com", "state")


def test_a_site_of_our_own_is_left_to_validation(env: Environment) -> None:
    check_location(env, "datacentre-1", "https://s3.datacentre-1.acme.internal", "state")


def test_without_credentials_the_reader_learns_which_are_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(Refused, match="no credentials to list buckets") as refusal, asking(NOWHERE, "list buckets"):
        connect(NOWHERE, "fr-par").list_buckets()
    assert "AWS_ACCESS_KEY_ID" in refusal.value.next_step


def test_an_address_where_nobody_listens_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    monkeypatch.setattr("blueprint.objectstore.ATTEMPTS", 1)
    with pytest.raises(Refused, match=r"could not list buckets at http://127\.0\.0\.1:9"), asking(NOWHERE, "list buckets"):
        connect(NOWHERE, "fr-par").list_buckets()


@pytest.mark.parametrize(("code", "status", "outcome"), [("NotImplemented", 501, NotOffered), ("AccessDenied", 403, Refused)])
def test_not_offered_and_refused_are_two_things(code: str, status: int, outcome: type[Exception]) -> None:
    from botocore.exceptions import ClientError

    answer = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(outcome), asking(NOWHERE, "encrypt"):
        raise ClientError(answer, "PutBucketEncryption")  # type: ignore[arg-type]
