"""State storage on a real S3 service, on one that offers more than it, and on Azure with stand-ins."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from blueprint import terraform
from blueprint.bootstrap import Outcome, Report, bootstrap
from blueprint.bootstrap.s3 import BLOCK, Storage
from blueprint.environment import S3State
from blueprint.errors import BlueprintError, EnvironmentInvalid
from blueprint.objectstore import Refused, connect
from blueprint.rehearsal import mirror
from tests.servers.s3 import CREDENTIALS, REGION, S3Server, s3_server

ROOT = Path(__file__).parents[2]
BUCKET = "acme-state"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as found:
        yield found


def storage(server: S3Server, bucket: str, *, dry_run: bool = False, region: str = REGION) -> Storage:
    state = S3State.model_construct(backend="s3", region=region, bucket=bucket, endpoint=server.endpoint)
    return Storage(connect(server.endpoint, REGION), state, dry_run=dry_run)


# versitygw 1.8.0 counts a deleted lock as existing while it keeps versions, and bootstrap refuses it for that, last of all.
NO_RELOCK = "counts a deleted lock as existing"


def outcomes(storage: Storage) -> dict[str, Outcome]:
    """All there is to say, up to the refusal of versitygw's lock."""
    found = {}
    try:
        for outcome in storage.outcomes():
            found[outcome.name] = outcome
    except Refused as refusal:
        if NO_RELOCK not in str(refusal):
            raise
    return found


def statuses(storage: Storage) -> dict[str, str]:
    return {name: outcome.status for name, outcome in outcomes(storage).items()}


def unversioned(server: S3Server, bucket: str) -> None:
    place: Any = {"LocationConstraint": REGION}
    connect(server.endpoint, REGION).create_bucket(Bucket=bucket, CreateBucketConfiguration=place)


def test_a_second_run_changes_nothing_and_says_so(server: S3Server) -> None:
    first = statuses(storage(server, "twice"))
    assert first["bucket"] == first["versioning"] == "changed"
    second = tuple(outcomes(storage(server, "twice")).values())
    assert "changed" not in {outcome.status for outcome in second}
    assert str(Report("dev", "s3", "twice", second)).endswith("nothing changed")


def test_what_the_service_does_not_offer_is_noted_with_what_that_means(server: S3Server) -> None:
    found = outcomes(storage(server, "noted"))
    assert found["encryption"].status == found["no public access"].status == "not offered"
    assert "ask its operator" in found["encryption"].detail
    assert "nobody but its owner" in found["no public access"].detail


def test_a_dry_run_changes_nothing(server: S3Server) -> None:
    assert statuses(storage(server, "dry", dry_run=True)) == {"bucket": "would change"}
    assert not (server.data / "dry").exists()


def test_a_bucket_without_versions_gets_them(server: S3Server) -> None:
    unversioned(server, "plain")
    assert statuses(storage(server, "plain", dry_run=True))["versioning"] == "would change"
    assert statuses(storage(server, "plain"))["versioning"] == "changed"


def test_a_lock_is_taken_refused_and_taken_again_and_nothing_is_left_behind(server: S3Server) -> None:
    unversioned(server, "relock")
    assert storage(server, "relock")._lock().status == "unchanged"
    left = connect(server.endpoint, REGION).list_object_versions(Bucket="relock")
    assert not left.get("Versions")
    assert not left.get("DeleteMarkers")


def test_a_service_whose_lock_works_only_once_is_refused(server: S3Server) -> None:
    with pytest.raises(Refused, match=NO_RELOCK):
        list(storage(server, "once").outcomes())
    left = connect(server.endpoint, REGION).list_object_versions(Bucket="once")
    assert not left.get("Versions")
    assert not left.get("DeleteMarkers")


def test_a_bucket_that_exists_elsewhere_is_refused(server: S3Server) -> None:
    statuses(storage(server, "elsewhere"))
    with pytest.raises(Refused, match="already exists in fr-par, not in pl-waw"):
        statuses(storage(server, "elsewhere", region="pl-waw"))


def test_wrong_credentials_are_an_error_that_names_them(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(Refused, match="refused to read the bucket of wrong-keys"):
        statuses(storage(server, "wrong-keys"))


# ── a service that offers what versitygw does not: answers in the shapes of botocore's own model of S3 ──


def stubbed(*, dry_run: bool = False) -> tuple[Storage, Stubber]:
    state = S3State.model_construct(backend="s3", region=REGION, bucket=BUCKET, endpoint="https://s3.example.eu")
    client = connect(state.endpoint, REGION)
    return Storage(client, state, dry_run=dry_run), Stubber(client)


def test_encryption_is_set_and_read_back_where_it_is_offered() -> None:
    found, stub = stubbed()
    rule = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    stub.add_client_error("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError", http_status_code=404)
    stub.add_response("put_bucket_encryption", {}, {"Bucket": BUCKET, "ServerSideEncryptionConfiguration": ANY})
    stub.add_response("get_bucket_encryption", {"ServerSideEncryptionConfiguration": rule})
    with stub:
        outcome = found._ensure("encryption", found._encryption, found._set_encryption, "")
    assert (outcome.status, outcome.detail) == ("changed", "AES256 by default")


def test_a_service_that_accepts_a_setting_and_forgets_it_is_refused() -> None:
    found, stub = stubbed()
    for _ in range(2):
        stub.add_client_error("get_public_access_block", "NoSuchPublicAccessBlockConfiguration", http_status_code=404)
        if _ == 0:
            stub.add_response("put_public_access_block", {}, {"Bucket": BUCKET, "PublicAccessBlockConfiguration": BLOCK})
    with stub, pytest.raises(Refused, match="did not keep it"):
        found._private()


def test_access_denied_is_no_missing_feature() -> None:
    found, stub = stubbed()
    stub.add_client_error("get_bucket_versioning", "AccessDenied", "no", http_status_code=403)
    with stub, pytest.raises(Refused, match=r"refused to read the versioning of acme-state: AccessDenied"):
        found._ensure("versioning", found._versioning, found._set_versioning, "")


def test_a_bucket_open_to_the_public_is_refused() -> None:
    found, stub = stubbed()
    everybody = {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}
    stub.add_client_error("get_public_access_block", "NotImplemented", http_status_code=501)
    stub.add_response("get_bucket_acl", {"Grants": [everybody]})
    with stub, pytest.raises(Refused, match="open to the public"):
        found._private()


def test_a_service_that_ignores_the_condition_of_a_write_has_no_lock() -> None:
    found, stub = stubbed()
    stub.add_response("put_object", {})
    stub.add_response("put_object", {})
    stub.add_response("list_object_versions", {})
    with stub, pytest.raises(Refused, match="two applies could write the state"):
        found._lock()


# ── before anything is sent ──


def test_state_outside_the_zone_is_refused_before_any_call(tmp_path: Path) -> None:
    file = tmp_path / "eu-staging.yaml"
    state = "state: {backend: s3, region: eastus, bucket: b, endpoint: https://s3.eastus.example.com}\n"
    file.write_text((ROOT / "environments" / "eu-staging.yaml").read_text() + state)
    with pytest.raises(EnvironmentInvalid, match="outside zone eu-resident"):
        bootstrap(file)


# ── two applies at once ──

SLOW = """
terraform {{
  backend "s3" {{
    bucket = "{bucket}"
    key = "demo.tfstate"
    region = "{region}"
    endpoints = {{ s3 = "{endpoint}" }}
    use_lockfile = true
    use_path_style = true
    skip_credentials_validation = true
    skip_metadata_api_check = true
    skip_region_validation = true
    skip_requesting_account_id = true
  }}
}}
resource "terraform_data" "slow" {{
  provisioner "local-exec" {{ command = "sleep 4" }}
}}
"""


def test_of_two_applies_one_wins_and_the_other_says_who_holds_the_lock(server: S3Server, tmp_path: Path) -> None:
    unversioned(server, "locked")  # with versions, versitygw 1.8.0 would not give the lock again
    (tmp_path / "main.tf").write_text(SLOW.format(bucket="locked", region=REGION, endpoint=server.endpoint))
    environment = {**os.environ, **CREDENTIALS, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    program = terraform.find().path
    run: Any = lambda *arguments: subprocess.run([program, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True)  # noqa: E731
    assert run("init", "-input=false").returncode == 0
    apply = ("apply", "-auto-approve", "-input=false", "-no-color")
    with subprocess.Popen([program, *apply], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as first:
        lock = server.data / "locked" / "demo.tfstate.tflock"
        deadline = time.monotonic() + 20
        while not lock.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        second = run(*apply)
        output, _ = first.communicate(timeout=60)
    assert first.returncode == 0, output
    assert second.returncode == 1
    assert "Error acquiring the state lock" in second.stderr
    assert "Who:" in second.stderr
    assert run("plan", "-detailed-exitcode", "-input=false").returncode == 0


# ── Azure ──


def test_on_azure_it_plans_applies_and_then_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror.write(tmp_path, terraform.find().registry)
    for name, value in mirror.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    file = ROOT / "environments" / "eu-prod.yaml"
    dry = bootstrap(file, dry_run=True)
    assert dry.place == "acmeeuprodtf/tfstate in westeurope"
    kinds = {outcome.name.partition(".")[0] for outcome in dry.outcomes}
    assert kinds == {
        "azurerm_management_lock",
        "azurerm_resource_group",
        "azurerm_role_assignment",
        "azurerm_storage_account",
        "azurerm_storage_container",
    }
    assert bootstrap(file).changed == len(dry.outcomes)
    assert bootstrap(file).changed == 0


def test_on_azure_the_account_has_no_keys_and_keeps_versions(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "stacks.bootstrap", str(ROOT / "environments" / "eu-prod.yaml"), str(tmp_path)]
    quiet = {name: value for name, value in os.environ.items() if name != "BLUEPRINT_STANDINS"}
    subprocess.run(command, cwd=ROOT, check=True, env=quiet)
    stack = json.loads((tmp_path / "stacks" / "bootstrap-eu-prod" / "cdk.tf.json").read_text())
    account = stack["resource"]["azurerm_storage_account"]["state_account"]
    assert account["shared_access_key_enabled"] is False
    assert account["blob_properties"]["versioning_enabled"] is True
    assert account["location"] == "westeurope"
    environment = subprocess.run([sys.executable, "main.py", "eu-prod"], cwd=ROOT, env={**quiet, "CDKTF_OUTDIR": str(tmp_path / "out")})
    assert environment.returncode == 0
    backend = json.loads((tmp_path / "out" / "stacks" / "eu-prod" / "cdk.tf.json").read_text())["terraform"]["backend"]["azurerm"]
    assert backend["storage_account_name"] == account["name"]


def test_on_azure_a_state_without_a_region_of_azure_is_refused(tmp_path: Path) -> None:
    from blueprint.bootstrap import azurerm
    from blueprint.environment import AzurermState
    from blueprint.environment.loading import load

    file = ROOT / "environments" / "eu-staging.yaml"
    with pytest.raises(BlueprintError, match="mars is no region of Azure"):
        azurerm.bootstrap(load(file), AzurermState(region="mars"), file)
