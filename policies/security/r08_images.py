"""Images and charts come from a registry inside the zone, by digest.

A pull from a public hub depends on somebody else's country and leaves what runs here to whoever can move a tag. The mirror in
the zone holds what `blueprint images mirror` copied, and the lock says which bytes. Charts are held to the same.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from blueprint.admission import allowed
from blueprint.facts import Resource, Unknown
from blueprint.kubernetes import MOVABLE, Image, images, registries
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.whereabouts.hosts import places

ALLOWED = "a registry inside the zone, with @sha256:…"
LOCAL = ("./", "../", "/")
DEFINITIONS = re.compile(r"(?i)\bcrds?\b")
NEXT = "mirror it (blueprint images mirror) and name it by digest (blueprint images lock)"


@rule(
    "R08",
    "images and charts come from a registry in the zone, by digest",
    looks_at=["k8s.*", "helm_release"],
    basis="Art. 32 GDPR; Art. 28(3) DORA where the function is critical",
    controls=["C5:2020 PSS-11", "C5:2020 DEV-07", "ISO 27001:2022 5.21", "ISO 27001:2022 8.19", "NIS2 5.1", "CIS K8s 5.5.1"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every image named anywhere in an object or in a release's values, and the release's own chart."""
    if not scope.regulated:
        return
    named = list(images(resource))
    yield from (_image(resource, found, scope) for found in named)
    yield from (verdict for path, name in allowed(resource) if (verdict := _registry(resource, path, name, name, scope)))
    if resource.type == "helm_release":
        yield _chart(resource, scope)
        yield from _defaults(resource, bool(named), scope)
    elif not named:
        yield passes(resource)


def _image(resource: Resource, found: Image | tuple[str, Unknown], scope: Scope) -> Verdict:
    if not isinstance(found, Image):
        return unresolved(resource, found[0], found[1], ALLOWED, NEXT)
    if verdict := _registry(resource, found.path, found.registry, found.reference, scope):
        return verdict
    if not found.pinned:
        return fails(resource, found.path, found.reference, MOVABLE, ALLOWED, NEXT)
    return passes(resource, found.path, found.reference)


def _chart(release: Resource, scope: Scope) -> Verdict:
    chart, repository = release.first("chart"), release.first("repository")
    source = repository if repository is not None else chart
    if not isinstance(source, str):
        why = source if isinstance(source, Unknown) else "the release names no chart"
        return unresolved(release, "chart", why, ALLOWED, NEXT)
    if "://" not in source:
        return _local(release, source)
    if verdict := _registry(release, "chart", urlsplit(source).netloc, source, scope):
        return verdict
    return passes(release, "chart", source)


def _defaults(release: Resource, has_images: bool, scope: Scope) -> Iterator[Verdict]:
    """Images a chart names itself: the values say at least which registry they come from. Charts of definitions run nothing."""
    named = list(registries(release))
    found = [_registry(release, path, registry.partition("/")[0], registry, scope) for path, registry in named]
    yield from (verdict for verdict in found if verdict)
    chart = str(release.first("chart") or "")
    says = has_images or named or isinstance(release.attributes.get("values"), Unknown) or _carries_objects(release)
    if not says and not chart.startswith(LOCAL) and not DEFINITIONS.search(chart):
        why = "the values name no image and no registry, so the chart's own defaults decide where images are pulled from"
        yield unresolved(release, "values", why, ALLOWED, NEXT)


def _carries_objects(release: Resource) -> bool:
    return any(other.within == release.address for other in (release.facts.resources if release.facts else ()))


def _local(release: Resource, source: str) -> Verdict:
    if source.startswith(LOCAL):
        return passes(release, "chart", source)
    return unresolved(release, "chart", f"{source} is looked up in whatever repositories the runner has configured", ALLOWED, NEXT)


def _registry(resource: Resource, path: str, registry: str, reference: str, scope: Scope) -> Verdict | None:
    for place in places(registry.rsplit(":", 1)[0], resource.facts):
        if isinstance(place, Unknown):
            return unresolved(resource, path, place, ALLOWED, NEXT)
        if not (answer := scope.answer(place)).allowed:
            return fails(resource, path, reference, answer.why, ALLOWED, NEXT)
    return None
