"""`environments/<env>.images.lock`: the digest of every image and chart an environment runs, reviewed like code.

    platform: linux/amd64
    images:
      docker.io/vllm/vllm-openai:v0.33.0: {digest: "sha256:…", used_by: [model-analysis]}
    charts:
      keda: {version: 2.20.2, digest: "sha256:…"}

The digest is that of one platform's manifest, or of the index of all of them. A chart's is that of its OCI manifest.
"""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from blueprint.catalog import Entry
from blueprint.environment.models import Digest
from blueprint.errors import BlueprintError
from blueprint.images.bundle import Bundle
from blueprint.images.charts import load_charts

FOLDER = Path(__file__).parents[2] / "environments"
SUFFIX = ".images.lock"

Platform = Literal["linux/amd64", "all"]


class Image(Entry):
    """One image: its digest and the releases that use it."""

    digest: Digest
    used_by: tuple[str, ...]


class Chart(Entry):
    """One chart: its version and the digest of its manifest."""

    version: str
    digest: Digest


class Lock(Entry):
    """What was found in a registry when the lock was written."""

    platform: Platform
    images: dict[str, Image] = {}
    charts: dict[str, Chart] = {}

    def pin(self, upstream: str) -> str:
        """The reference with its digest; as it is where the lock does not know it (a bare repository, or a newer image)."""
        found = self.images.get(upstream)
        return f"{upstream}@{found.digest}" if found else upstream

    def values(self, chart: str) -> dict[str, Any]:
        """Values that pin a chart's images, as far as the chart has keys for it."""
        values: dict[str, Any] = {}
        entry = load_charts().charts.get(chart)
        for upstream, keys in (entry.images if entry else {}).items():
            if found := self.images.get(upstream):
                filled = {"tag": upstream.rpartition(":")[2], "digest": found.digest, "hex": found.digest.removeprefix("sha256:")}
                for key, template in keys.items():
                    _set(values, key.split("."), template.format(**filled))
        return values

    def missing(self, bundle: Bundle) -> list[str]:
        """What the environment runs and the lock does not know."""
        charts = [f"{name} {version}" for name, version in bundle.charts.items() if not self._knows(name, version)]
        return [*(image for image in bundle.images if image not in self.images), *charts]

    def _knows(self, name: str, version: str) -> bool:
        return name in self.charts and self.charts[name].version == version


def path(environment: str) -> Path:
    """Where an environment's lock lies, or would."""
    return FOLDER / f"{environment}{SUFFIX}"


def load(environment: str) -> Lock | None:
    """An environment's lock, or None if nobody has written one. Raises BlueprintError if it cannot be used."""
    file = path(environment)
    return _read(file, file.stat().st_mtime_ns) if file.exists() else None


@cache
def _read(file: Path, changed: int) -> Lock:
    try:
        return Lock.model_validate(yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise BlueprintError(f"{file.name} cannot be used: {error}", f"blueprint images lock {file.name.removesuffix(SUFFIX)}") from None


def render(lock: Lock, environment: str) -> str:
    """The file's text: the same bytes for the same content."""
    head = f"# Written by `blueprint images lock {environment}`: to the byte what this environment runs. Reviewed, not edited.\n"
    content = yaml.dump(lock.model_dump(mode="json"), sort_keys=True, width=140, default_flow_style=None)
    return head + content


def _set(values: dict[str, Any], keys: list[str], value: str) -> None:
    for key in keys[:-1]:
        values = values.setdefault(key, {})
    values[keys[-1]] = value
