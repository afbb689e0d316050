"""Facts about the world: GPUs, models, clouds, hosted APIs, the engine and countries, each figure with source and date.

The data is `catalog/**/*.yaml`; a file's name is its entry's name, and a folder's entries are described by the module of its
name. Nothing here computes: sizing, cost and zones do.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import ValidationError

from blueprint.catalog.apis import ApiProvider, DeploymentType
from blueprint.catalog.base import AsOf, Country, Entry, Named, Operator, Price, Sourced
from blueprint.catalog.engines import Engine, Release
from blueprint.catalog.gpus import Gpu, MigProfile
from blueprint.catalog.models import Attention, GatedDelta, LatentAttention, Layers, Mamba, Model, ModelFormat
from blueprint.catalog.providers import InstanceType, Provider, Region
from blueprint.catalog.residency import CountryEntry
from blueprint.errors import BlueprintError

__all__ = [
    "FOLDER",
    "ApiProvider",
    "AsOf",
    "Attention",
    "Catalog",
    "DeploymentType",
    "Engine",
    "Entry",
    "GatedDelta",
    "Gpu",
    "InstanceType",
    "LatentAttention",
    "Layers",
    "Mamba",
    "MigProfile",
    "Model",
    "ModelFormat",
    "Operator",
    "Price",
    "Provider",
    "Region",
    "Release",
    "Sourced",
    "load_catalog",
]

FOLDER = Path(__file__).parents[2] / "catalog"

# Read only by those who ask what things cost (`blueprint/catalog/prices.py`, `blueprint/cost/claims.py`).


class Catalog(Entry):
    """Everything in `catalog/`, by name."""

    gpus: Annotated[dict[str, Gpu], Named]
    models: Annotated[dict[str, Model], Named]
    providers: Annotated[dict[str, Provider], Named]
    apis: Annotated[dict[str, ApiProvider], Named]
    engines: Annotated[dict[str, Engine], Named]
    countries: dict[Country, CountryEntry]

    def provider_of(self, target: str) -> Provider:
        """The cloud a cluster target belongs to."""
        return next(provider for provider in self.providers.values() if target in provider.targets)


@cache
def load_catalog(folder: Path = FOLDER) -> Catalog:
    """Read and check the whole catalogue, once per process.

    Raises:
        BlueprintError: a file cannot be read or says something the catalogue does not know.
    """
    kinds = ("gpus/*", "models/*", "providers/*", "apis/*", "engines/*", "residency/countries")
    files = {path: _read(path) for kind in kinds for path in sorted(folder.glob(f"{kind}.yaml"))}
    data: dict[str, Any] = {kind: {} for kind in ("gpus", "models", "providers", "apis", "engines", "countries")}
    for path, content in files.items():
        if path.parent.name in ("gpus", "residency"):
            data["gpus" if path.parent.name == "gpus" else path.stem].update(content)
        else:
            data[path.parent.name][path.stem] = content
    try:
        return Catalog.model_validate(data)
    except ValidationError as error:
        raise BlueprintError(_complaint(error), f"correct the entry in {folder.name}/") from None


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as error:
        raise BlueprintError(f"{path.parent.name}/{path.name} in the catalogue cannot be read: {error}") from None


def _complaint(error: ValidationError) -> str:
    lines = [f"  {'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors(include_url=False)]
    return "\n".join(["the catalogue has mistakes:", *lines])
