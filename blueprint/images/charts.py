"""`catalog/charts.yaml`: where charts come from, which images they run, and how to pin each."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from blueprint.catalog import FOLDER, Entry, Sourced
from blueprint.errors import BlueprintError

FILE = FOLDER / "charts.yaml"


class ChartEntry(Entry):
    """One chart at one version. `images`: reference → {value of the chart: template}; `unused`: default images we switch off."""

    version: str
    source: str
    images: dict[str, dict[str, str]] = {}
    unused: tuple[str, ...] = ()


class Charts(Sourced):
    """All charts, by name."""

    charts: dict[str, ChartEntry]

    def find(self, name: str, version: str) -> ChartEntry:
        """Raises BlueprintError where the catalogue does not describe this version."""
        entry = self.charts.get(name)
        if entry is None or entry.version != version:
            known = f"knows version {entry.version}" if entry else "does not know this chart"
            raise BlueprintError(f"{name} {version} is installed, but catalog/charts.yaml {known}", "bring its entry up to date")
        return entry


@cache
def load_charts(file: Path = FILE) -> Charts:
    """Read and check the file, once per process. Raises BlueprintError."""
    try:
        return Charts.model_validate(yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise BlueprintError(f"catalog/{file.name} cannot be used: {error}") from None
