"""Writes a lock: asks a registry for the digest of everything an environment runs."""

from collections.abc import Callable
from functools import partial

from blueprint.images import archive
from blueprint.images.bundle import Bundle
from blueprint.images.lock import Chart, Image, Lock, Platform
from blueprint.images.places import Place, Source
from blueprint.images.registry import RegistryError, Unreachable


def lock(bundle: Bundle, source: Source, platform: Platform, on_done: Callable[[str, str], None]) -> Lock:
    """`on_done` hears of each reference and its digest.

    Raises:
        RegistryError: with everything that could not be found, once all were asked for; at once where nobody answers.
    """
    images: dict[str, Image] = {}
    charts: dict[str, Chart] = {}
    failed: list[RegistryError] = []

    def ask(name: str, find: Callable[[], str]) -> str:
        """The digest, or nothing where the registry has none."""
        try:
            digest = find()
        except Unreachable:
            raise
        except RegistryError as error:
            failed.append(error)
            return ""
        on_done(name, digest)
        return digest

    for reference, users in bundle.images.items():
        if digest := ask(reference, partial(_image_digest, source, reference, platform)):
            images[reference] = Image(digest=digest, used_by=users)
    for name, version in bundle.charts.items():
        if digest := ask(f"chart {name} {version}", partial(_chart_digest, source, name, version)):
            charts[name] = Chart(version=version, digest=digest)
    if failed:
        raise RegistryError("\n".join(map(str, failed)), failed[0].next_step)
    return Lock(platform=platform, images=images, charts=charts)


def _image_digest(source: Source, reference: str, platform: Platform) -> str:
    return _digest(source.image(reference), platform)


def _chart_digest(source: Source, name: str, version: str) -> str:
    found = source.chart(name, version)
    return _digest(found, "all") if isinstance(found, Place) else archive.fetch(found).manifest.digest


def _digest(place: Place, platform: Platform) -> str:
    """Of the bytes the registry sends, not what it says of them; for one platform, of that entry of the index."""
    manifest = place.registry.manifest(place.repository, place.tag)
    if platform == "all" or not manifest.is_index:
        return manifest.digest
    for entry in manifest.data["manifests"]:
        known = entry.get("platform", {})
        if f"{known.get('os')}/{known.get('architecture')}" == platform:
            digest: str = entry["digest"]
            return digest
    raise RegistryError(f"{place} has nothing for {platform}")
