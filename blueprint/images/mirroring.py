"""Copies what a lock names into a registry, by digest. What is there already stays; an interrupted copy goes on where it was."""

import io
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from blueprint.images import archive
from blueprint.images.lock import Lock
from blueprint.images.places import Mirror, Place, Source
from blueprint.images.registry import Manifest, RegistryError, Unreachable

ATTEMPTS = 3
PAUSE_SECONDS = 2.0
# Layers that only their publisher may distribute are not in registries.
FOREIGN = "nondistributable"

Result = Literal["copied", "there"]


@dataclass
class Progress:
    """Who is told: `on_bytes` of each piece on its way, `on_done` of each image or chart."""

    on_done: Callable[[str, Result], None] = lambda reference, result: None
    on_bytes: Callable[[int], None] = lambda count: None


@dataclass
class Copier:
    """From one or many registries into one."""

    source: Source
    target: Mirror
    progress: Progress = field(default_factory=Progress)

    def mirror(self, lock: Lock) -> None:
        """Everything a lock names.

        Raises:
            RegistryError: with all that failed, once everything was tried (at once where nobody answers); what was copied stays.
        """
        failed = [error for reference, copy in self._work(lock) if (error := self._try(reference, copy))]
        if failed:
            raise RegistryError("\n".join(map(str, failed)), failed[0].next_step or "run the command again: it goes on where it stopped")

    def _work(self, lock: Lock) -> Iterator[tuple[str, Callable[[], Result]]]:
        for reference, image in lock.images.items():
            yield reference, partial(self._copy, self.source.image(reference), self.target.image(reference), image.digest)
        for name, chart in lock.charts.items():
            yield f"chart {name} {chart.version}", partial(self._copy_chart, name, chart.version, chart.digest)

    def _try(self, reference: str, copy: Callable[[], Result]) -> RegistryError | None:
        try:
            self.progress.on_done(reference, copy())
        except Unreachable:
            raise
        except RegistryError as error:
            return error
        return None

    def _copy_chart(self, name: str, version: str, digest: str) -> Result:
        found, target = self.source.chart(name, version), self.target.chart(name, version)
        if isinstance(found, Place):
            return self._copy(found, target, digest)
        if _is_there(target, digest):
            return "there"
        chart = archive.fetch(found)
        if chart.manifest.digest != digest:
            raise RegistryError(f"{found} has changed since it was locked: {chart.manifest.digest}", "find out why before locking it again")
        for blob, content in chart.blobs.items():
            target.registry.upload(target.repository, blob, io.BytesIO(content), len(content))
        target.registry.put(target.repository, target.tag, chart.manifest)
        return "copied"

    def _copy(self, source: Place, target: Place, digest: str) -> Result:
        """The tag is set last: while it is missing or other, the image is not complete."""
        if _is_there(target, digest):
            return "there"
        manifest = self._copy_manifest(source, target, digest)
        target.registry.put(target.repository, target.tag, manifest)
        return "copied"

    def _copy_manifest(self, source: Place, target: Place, digest: str) -> Manifest:
        """Blobs first, then what refers to them: registries refuse the other order."""
        manifest = source.registry.manifest(source.repository, digest)
        if target.registry.digest(target.repository, digest) == digest:
            return manifest
        if manifest.is_index:
            for entry in manifest.data["manifests"]:
                self._copy_manifest(source, target, entry["digest"])
        else:
            for blob in _blobs(manifest.data):
                self._copy_blob(source, target, blob)
        target.registry.put(target.repository, digest, manifest)
        return manifest

    def _copy_blob(self, source: Place, target: Place, blob: dict[str, Any]) -> None:
        """Through a file on disk, so that a broken connection costs one blob; three attempts."""
        digest, size = blob["digest"], blob["size"]
        if target.registry.has_blob(target.repository, digest):
            return
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with tempfile.TemporaryFile() as file:
                    source.registry.download(source.repository, digest, file, self.progress.on_bytes)
                    file.seek(0)
                    target.registry.upload(target.repository, digest, file, size)
                return
            except RegistryError:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(PAUSE_SECONDS * attempt)


def _is_there(target: Place, digest: str) -> bool:
    return target.registry.digest(target.repository, target.tag) == digest


def _blobs(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [blob for blob in (manifest["config"], *manifest["layers"]) if FOREIGN not in blob["mediaType"] and not blob.get("urls")]
