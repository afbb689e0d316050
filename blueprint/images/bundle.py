"""What a synthesized environment runs: images by their upstream references, charts by name and version.

Read from the stack itself, so that nothing is forgotten when a manifest changes. Images that a chart brings along are not
in the stack; those come from catalog/charts.yaml.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from blueprint.errors import BlueprintError
from blueprint.images.charts import Charts, load_charts
from blueprint.synthesized import Stack, releases

CHART = re.compile(r"oci://(?P<registry>.+)/charts/(?P<name>[^/]+)")
REFERENCE = r"/((?:[\w.-]+/)+[\w.-]+:[\w.-]+)"


@dataclass(frozen=True)
class Bundle:
    """`registry` is the environment's own, with its namespace if it has one. `images`: upstream reference → the releases that
    use it; `charts`: name → version."""

    registry: str
    images: Mapping[str, tuple[str, ...]]
    charts: Mapping[str, str]


def read(stack: Stack, charts: Charts | None = None) -> Bundle:
    """Everything a stack runs inside the cluster, sorted by name.

    Raises:
        BlueprintError: the stack has no charts, or one the catalogue does not describe.
    """
    known = charts or load_charts()
    installed = {release["name"]: found for release in releases(stack) if (found := CHART.fullmatch(release["chart"]))}
    if not installed:
        raise BlueprintError("this environment installs no chart from a registry", "unset BLUEPRINT_LAYER")
    registry = next(iter(installed.values()))["registry"]
    ours = re.compile(re.escape(registry) + REFERENCE)
    users: dict[str, set[str]] = {}
    versions: dict[str, str] = {}
    for release in releases(stack):
        used = {image for values in release["values"] for image in ours.findall(values)}
        if chart := installed.get(release["name"]):
            versions[chart["name"]] = release["version"]
            used |= known.find(chart["name"], release["version"]).images.keys()
        for image in used:
            users.setdefault(image, set()).add(release["name"])
    images = {image: tuple(sorted(users[image])) for image in sorted(users)}
    return Bundle(registry, images, dict(sorted(versions.items())))
