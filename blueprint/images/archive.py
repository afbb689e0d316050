"""A chart published as an archive on a web server, turned into what `helm push` would make of it, always the same bytes.

Media types: Helm's documentation, "Use OCI-based registries".
"""

import hashlib
import io
import json
import tarfile
from dataclasses import dataclass

import yaml

from blueprint.images.registry import MANIFESTS, Manifest, RegistryError, send

CONFIG = "application/vnd.cncf.helm.config.v1+json"
CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


@dataclass(frozen=True)
class Archive:
    """A chart's manifest and its blobs, by digest."""

    manifest: Manifest
    blobs: dict[str, bytes]


def fetch(url: str) -> Archive:
    """Download and turn. Raises RegistryError."""
    answer = send(url)
    if answer.status >= 400:
        raise RegistryError(f"{url}: HTTP {answer.status}", "correct its source in catalog/charts.yaml")
    return turn(answer.data, url)


def turn(content: bytes, name: str) -> Archive:
    """Raises RegistryError if the content is no chart."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as files:
            inside = min((member for member in files.getnames() if member.endswith("/Chart.yaml")), key=len)
            file = files.extractfile(inside)
            assert file is not None
            chart = yaml.load(file.read(), Loader=yaml.CSafeLoader)
    except (tarfile.TarError, ValueError, AssertionError, yaml.YAMLError, EOFError):
        raise RegistryError(f"{name} is no packaged chart") from None
    config = json.dumps(chart, sort_keys=True, default=str).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFESTS[0],
        "config": _describe(config, CONFIG),
        "layers": [_describe(content, CONTENT)],
        "annotations": {"org.opencontainers.image.title": chart["name"], "org.opencontainers.image.version": str(chart["version"])},
    }
    blobs = {_digest(blob): blob for blob in (config, content)}
    return Archive(Manifest(json.dumps(manifest, sort_keys=True).encode(), MANIFESTS[0]), blobs)


def _describe(content: bytes, media_type: str) -> dict[str, str | int]:
    return {"mediaType": media_type, "digest": _digest(content), "size": len(content)}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
