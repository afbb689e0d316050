"""Policies of admission: patterns of images (`docker.io/* | quay.io/*`), lists of registries, conditions (`image.startsWith('…')`)."""

import re
from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.said import said

GATEKEEPER = "constraints.gatekeeper.sh"
OF_IMAGES = re.compile(r"(?i)^(image|imageReferences|repos|registries|allow(ed\w*)?|expression)$")
FRONT = re.compile(r"(?:^|\|\s*|startsWith\(\s*[\"'])([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?(?=/|$)")
DENIED = re.compile(r"!\s*[\w.]+\.startsWith\([^)]*\)")
FORBIDDEN = re.compile(r"(?i)(^|\.)(deny|reject|exclude)")


def allowed(policy: Resource) -> Iterator[tuple[str, str]]:
    """Path and name of every registry that a policy of admission lets images in from, or puts in front of their names."""
    if not (policy.type.endswith("Policy") or GATEKEEPER in str(policy.attributes.get("apiVersion"))):
        return
    for found in said(policy).leaves:
        if isinstance(found.value, str) and "." in found.value and OF_IMAGES.search(found.key) and not FORBIDDEN.search(found.path):
            yield from ((found.path, name) for name in FRONT.findall(DENIED.sub("", found.value)))
