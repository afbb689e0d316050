"""versitygw: a real S3 service over a folder. It has versions, locks and conditional writes, and does not offer encryption
settings or a public-access block, as some services of European clouds do not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.harness.processes import free_port, listens, running
from tests.e2e.harness.tools import tool

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "not-a-secret"}
REGION = "fr-par"


@dataclass(frozen=True)
class S3Server:
    """Where it listens and what it keeps."""

    endpoint: str
    region: str
    data: Path


@contextmanager
def s3_server(folder: Path, region: str = REGION) -> Iterator[S3Server]:
    versitygw = tool("versitygw")
    data, versions = folder / "data", folder / "versions"
    data.mkdir(parents=True)
    versions.mkdir()
    port = free_port()
    command: list[str | Path] = [
        versitygw,
        "--port",
        f"127.0.0.1:{port}",
        "--region",
        region,
        "--quiet",
        "posix",
        "--versioning-dir",
        str(versions),
        str(data),
    ]
    keys = {"ROOT_ACCESS_KEY": CREDENTIALS["AWS_ACCESS_KEY_ID"], "ROOT_SECRET_KEY": CREDENTIALS["AWS_SECRET_ACCESS_KEY"]}
    with running(command, folder / "versitygw.log", ready=listens(port), environment=keys):
        yield S3Server(f"http://127.0.0.1:{port}", region, data)
