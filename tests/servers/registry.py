"""go-containerregistry's registry: a real OCI registry in memory, and small images to put into it."""

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blueprint.images.registry import INDEXES, MANIFESTS, Manifest, Registry
from tests.e2e.harness.processes import free_port, listens, running
from tests.e2e.harness.tools import tool


@contextmanager
def registry_server(folder: Path) -> Iterator[str]:
    """Its host and port."""
    registry = tool("registry")
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    with running([registry, "-port", str(port)], folder / "registry.log", ready=listens(port)):
        yield f"127.0.0.1:{port}"


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def put_image(registry: Registry, repository: str, tag: str, seed: str) -> dict[str, str]:
    """An image for two platforms; returns the digests of its index (`all`) and of each platform."""
    manifests = {architecture: _put_platform(registry, repository, architecture, seed) for architecture in ("amd64", "arm64")}
    entries = [
        {
            "mediaType": manifest.media_type,
            "digest": manifest.digest,
            "size": len(manifest.content),
            "platform": {"os": "linux", "architecture": architecture},
        }
        for architecture, manifest in manifests.items()
    ]
    index = Manifest(json.dumps({"schemaVersion": 2, "mediaType": INDEXES[0], "manifests": entries}).encode(), INDEXES[0])
    registry.put(repository, tag, index)
    return {"all": index.digest, **{f"linux/{architecture}": manifest.digest for architecture, manifest in manifests.items()}}


def _put_platform(registry: Registry, repository: str, architecture: str, seed: str) -> Manifest:
    config = json.dumps({"architecture": architecture, "os": "linux", "seed": seed}).encode()
    layer = f"{seed} {architecture}\n".encode() * 1000
    for blob in (config, layer):
        registry.upload(repository, digest(blob), io.BytesIO(blob), len(blob))
    described = [{"digest": digest(blob), "size": len(blob)} for blob in (config, layer)]
    content = {
        "schemaVersion": 2,
        "mediaType": MANIFESTS[0],
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **described[0]},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", **described[1]}],
    }
    manifest = Manifest(json.dumps(content).encode(), MANIFESTS[0])
    registry.put(repository, manifest.digest, manifest)
    return manifest
