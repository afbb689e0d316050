"""Weights on a real S3 service, in parts small enough for a test; and through rclone, as on Azure."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from blueprint.environment import Environment
from blueprint.environment.loading import load
from blueprint.errors import BlueprintError
from blueprint.objectstore import Refused, connect
from blueprint.weights import azure, destination, folder, s3
from blueprint.weights.destination import Destination
from blueprint.weights.folder import File
from blueprint.weights.push import locate, push, upload
from blueprint.weights.s3 import Uploader
from tests.servers.s3 import CREDENTIALS, REGION, S3Server, s3_server

ROOT = Path(__file__).parents[2]
PART = 5 * 2**20  # S3's smallest
BUCKET = "weights"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as found:
        yield found


@pytest.fixture
def uploader(server: S3Server, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Uploader:
    """A path of its own for each test."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    for module in (folder, s3):
        monkeypatch.setattr(module, "PART_BYTES", PART)
    client = connect(server.endpoint, REGION)
    if not (server.data / BUCKET).exists():
        place: Any = {"LocationConstraint": REGION}
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    return Uploader(client, server.endpoint, BUCKET, f"{request.node.name}/fp8")


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A large file of two and a half parts, small ones, an empty one, and a download cache."""
    (tmp_path / "sub").mkdir()
    (tmp_path / ".cache").mkdir()
    (tmp_path / "model.safetensors").write_bytes(os.urandom(PART * 2 + PART // 2))
    (tmp_path / "sub" / "config.json").write_text("{}")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / ".cache" / "lock").write_text("x")
    return tmp_path


def read(source: Path) -> list[File]:
    return [folder.read(source, path, lambda count: None) for path in folder.names(source)]


def run(uploader: Uploader, source: Path) -> int:
    files = read(source)
    return upload(uploader, files, folder.sums(files))


def there(uploader: Uploader) -> dict[str, bytes]:
    found = uploader.client.list_objects_v2(Bucket=BUCKET, Prefix=f"{uploader.prefix}/").get("Contents", [])
    keys = {item["Key"].removeprefix(f"{uploader.prefix}/"): item["Key"] for item in found}
    return {name: uploader.client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for name, key in keys.items()}


# ── the folder ──


def test_the_list_is_what_sha256sum_accepts(weights: Path) -> None:
    (weights / folder.SUMS).write_text(folder.sums(read(weights)))
    check = subprocess.run(["sha256sum", "--strict", "-c", folder.SUMS], cwd=weights, capture_output=True, text=True)
    assert check.returncode == 0
    assert check.stdout.splitlines() == ["empty: OK", "model.safetensors: OK", "sub/config.json: OK"]


def test_the_digest_is_that_of_the_list() -> None:
    assert folder.digest("a  b\n") == f"sha256:{hashlib.sha256(b'a  b' + bytes([10])).hexdigest()}"


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError, match="is empty"):
        folder.names(tmp_path)
    with pytest.raises(BlueprintError, match="there is no folder"):
        folder.names(tmp_path / "none")


# ── S3 ──


def test_everything_arrives_and_the_second_push_sends_nothing(uploader: Uploader, weights: Path) -> None:
    assert run(uploader, weights) == 3
    found = there(uploader)
    assert found.pop(folder.SUMS).decode() == folder.sums(read(weights))
    assert found == {path.relative_to(weights).as_posix(): path.read_bytes() for path in folder.names(weights)}
    assert run(uploader, weights) == 0


def test_a_changed_file_of_the_same_size_is_sent_again(uploader: Uploader, weights: Path) -> None:
    run(uploader, weights)
    (weights / "sub" / "config.json").write_text("[]")
    assert run(uploader, weights) == 1
    assert there(uploader)["sub/config.json"] == b"[]"


def test_an_interrupted_upload_goes_on_with_the_parts_that_are_missing(
    uploader: Uploader, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, sent, interrupted = Uploader._put_part, list[int](), [True]

    def counting(self: Uploader, file: File, upload: str, number: int) -> int:
        if interrupted[0] and len(sent) == 1:
            raise KeyboardInterrupt
        size = part(self, file, upload, number)
        sent.append(number)
        return size

    monkeypatch.setattr(s3, "THREADS", 1)
    monkeypatch.setattr(Uploader, "_put_part", counting)
    with pytest.raises(KeyboardInterrupt):
        run(uploader, weights)
    assert folder.SUMS not in there(uploader)
    interrupted[0] = False
    assert run(uploader, weights) == 2  # `empty` came before the large file
    assert sent == [1, 2, 3]


def test_parts_of_an_older_content_are_given_up(uploader: Uploader, weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = Uploader._put_part

    def stopping(self: Uploader, file: File, upload: str, number: int) -> int:
        part(self, file, upload, number)
        raise KeyboardInterrupt

    monkeypatch.setattr(s3, "THREADS", 1)
    monkeypatch.setattr(Uploader, "_put_part", stopping)
    with pytest.raises(KeyboardInterrupt):
        run(uploader, weights)
    monkeypatch.setattr(Uploader, "_put_part", part)
    (weights / "model.safetensors").write_bytes(os.urandom(PART * 3))
    run(uploader, weights)
    assert there(uploader)["model.safetensors"] == (weights / "model.safetensors").read_bytes()
    assert not uploader.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads")


def test_a_file_whose_etag_is_no_checksum_is_read_back(uploader: Uploader, weights: Path) -> None:
    """As with encryption under a key of one's own. Here: the same content in one part, so that the ETag is another."""
    large = read(weights)[1]
    uploader.client.put_object(Bucket=BUCKET, Key=uploader._key(large), Body=large.path.read_bytes())
    assert uploader.has(large)
    uploader.client.put_object(Bucket=BUCKET, Key=uploader._key(large), Body=os.urandom(large.size))
    assert not uploader.has(large)


def test_a_file_that_is_not_in_the_folder_stops_the_push_before_it_begins(uploader: Uploader, weights: Path) -> None:
    uploader.client.put_object(Bucket=BUCKET, Key=f"{uploader.prefix}/old.safetensors", Body=b"old")
    with pytest.raises(Refused, match=r"1 files that are not in the folder, such as old\.safetensors"):
        run(uploader, weights)
    assert list(there(uploader)) == ["old.safetensors"]


def test_a_bucket_that_is_not_there_is_told_without_a_traceback(uploader: Uploader, weights: Path) -> None:
    with pytest.raises(Refused, match="refused to list no-such-bucket/x: NoSuchBucket"):
        run(Uploader(uploader.client, uploader.endpoint, "no-such-bucket", "x"), weights)


# ── where they go ──


def stack(**rclone: str) -> dict[str, Any]:
    settings = {**{f"RCLONE_CONFIG_STORE_{key}": value for key, value in rclone.items()}, "WEIGHTS": "store:weights/phi-4-14b/bf16"}
    container = {"name": "weights", "env": [{"name": name, "value": value} for name, value in settings.items()]}
    values = yaml.dump({"objects": {"deployment": {"spec": {"initContainers": [container]}}}})
    return {"resource": {"helm_release": {"model": {"name": "model-chat", "chart": "./chart", "values": [values]}}}}


@pytest.fixture(scope="module")
def env() -> Environment:
    return load(ROOT / "environments" / "dev.yaml")


def test_the_destination_is_where_the_pods_read(env: Environment) -> None:
    found = destination.find(env, stack(TYPE="s3", REGION="site-1", ENDPOINT="s3.acme.internal"), "phi-4-14b", "bf16")
    assert (found.kind, found.endpoint, found.path) == ("s3", "https://s3.acme.internal", "weights/phi-4-14b/bf16")


def test_a_store_outside_the_zone_is_refused(env: Environment) -> None:
    with pytest.raises(Refused, match="outside zone eu-resident"):
        destination.find(env, stack(TYPE="s3", REGION="eastus", ENDPOINT="https://s3.eastus.example.com"), "phi-4-14b", "bf16")


def test_a_model_nobody_serves_is_refused_with_those_that_are(env: Environment) -> None:
    with pytest.raises(BlueprintError, match="dev serves no phi-4-14b/fp8") as refused:
        destination.find(env, stack(TYPE="s3", REGION="site-1", ENDPOINT="https://s3.acme.internal"), "phi-4-14b", "fp8")
    assert refused.value.next_step == "choose one of phi-4-14b/bf16"


def test_a_deployment_and_its_folder_are_the_same(env: Environment, tmp_path: Path) -> None:
    assert locate(env, "chat") == (Path("weights/phi-4-14b/bf16"), "phi-4-14b", "bf16")
    assert locate(env, str(tmp_path / "phi-4-14b" / "bf16"))[1:] == ("phi-4-14b", "bf16")
    with pytest.raises(BlueprintError, match="is no model deployment of dev") as refused:
        locate(env, "llama")
    assert "chat" in refused.value.next_step


def test_a_push_ends_with_the_digest_to_pin(
    env: Environment, uploader: Uploader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "phi-4-14b" / "bf16"
    source.mkdir(parents=True)
    (source / "config.json").write_text("{}")
    monkeypatch.setattr("blueprint.weights.push.synthesize", lambda name: stack(TYPE="s3", REGION=REGION, ENDPOINT=uploader.endpoint))
    push(env, str(source))
    text = (source / folder.SUMS).read_text()
    said = capsys.readouterr().out
    assert "1 of 1 files sent" in said
    assert said.endswith(f"weights_digest: {folder.digest(text)}\n")


# ── Azure, through rclone: the same commands on a remote of its own that is a folder ──


@pytest.fixture
def remote(tmp_path_factory: pytest.TempPathFactory) -> tuple[Destination, Path]:
    place = tmp_path_factory.mktemp("remote")
    settings = {"RCLONE_CONFIG_STORE_TYPE": "alias", "RCLONE_CONFIG_STORE_REMOTE": str(place)}
    return Destination(settings, "weights", "phi-4-14b/bf16"), place / "weights" / "phi-4-14b" / "bf16"


@pytest.mark.skipif(shutil.which("rclone") is None, reason="rclone is not on PATH; apt install rclone")
def test_rclone_copies_compares_and_refuses_strangers(weights: Path, remote: tuple[Destination, Path]) -> None:
    target, place = remote
    azure.push(weights, target)
    assert {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()} == {
        "empty",
        "model.safetensors",
        "sub/config.json",
    }
    azure.push(weights, target)
    (place / "old.safetensors").write_text("old")
    with pytest.raises(Refused, match="rclone check"):
        azure.push(weights, target)


def test_without_rclone_the_commands_are_printed(
    weights: Path, remote: tuple[Destination, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    with pytest.raises(BlueprintError, match=r"rclone copy .* store:weights/phi-4-14b/bf16") as refused:
        azure.push(weights, remote[0])
    assert "export RCLONE_CONFIG_STORE_TYPE=alias" in str(refused.value)
