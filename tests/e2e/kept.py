"""The bundle of eu-prod that the last release had: what clusters out there run, and what today's has to upgrade.

python -m tests.e2e.kept        keeps today's; part of every release
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from modules.manifests import CHART
from tests.e2e import variants
from tests.modules.platform import Object

FILE = Path(__file__).with_name("kept.yaml")
NOT_KEPT = ("//", "chart", "depends_on")


def releases() -> list[Object]:
    """The releases, ready to be installed."""
    found = yaml.safe_load(FILE.read_text())
    return [{**release, "chart": str(CHART), "values": [yaml.safe_dump(values) for values in release["values"]]} for release in found]


def keep() -> None:
    """Write today's."""
    with TemporaryDirectory() as folder:
        found = variants.synthesize(Path(folder), "eu-prod").releases()
    readable = [{**release, "values": [yaml.safe_load(text) for text in release["values"]]} for release in found]
    content = [{key: value for key, value in release.items() if key not in NOT_KEPT} for release in readable]
    FILE.write_text(yaml.safe_dump(content, sort_keys=False, width=140))


if __name__ == "__main__":
    keep()
