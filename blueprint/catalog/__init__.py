"""Facts about the world: GPUs, models, clouds, hosted APIs, the engine and countries, each figure with source and date.

The data is `catalog/**/*.yaml`; a file's name is its entry's name, and a folder's entries are described by the module of its
name. Nothing here computes: sizing, cost and zones do.
"""

from functools import cache, cached_property
from pathlib import Path
from typing import Annotated

from pydantic import TypeAdapter

from blueprint.catalog.apis import ApiProvider, DeploymentType
from blueprint.catalog.base import AsOf, Country, Entry, Named, Operator, Price, Sourced
from blueprint.catalog.engines import Engine, Release
from blueprint.catalog.folders import Folder, checked, load, read
from blueprint.catalog.gpus import Gpu, MigProfile
from blueprint.catalog.models import (
    Attention,
    GatedDelta,
    LatentAttention,
    Layers,
    LightningAttention,
    Mamba,
    Mamba1,
    Model,
    ModelFormat,
    ShortConvolution,
    State,
)
from blueprint.catalog.providers import InstanceType, Provider, Region
from blueprint.catalog.residency import CountryEntry

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
    "LightningAttention",
    "Mamba",
    "Mamba1",
    "MigProfile",
    "Model",
    "ModelFormat",
    "Operator",
    "Price",
    "Provider",
    "Region",
    "Release",
    "ShortConvolution",
    "Sourced",
    "State",
    "load_catalog",
]

FOLDER = Path(__file__).parents[2] / "catalog"

# Read only by those who ask what things cost (`blueprint/catalog/prices.py`, `blueprint/cost/claims.py`).


class Catalog:
    """Everything in `catalog/`, by name. A mistake is told when what it stands in is first asked for, so that an answer about one
    model does not wait for all of them."""

    def __init__(self, folder: Path) -> None:
        self.models = Folder(folder / "models", Model)
        self.providers = Folder(folder / "providers", Provider)
        self.apis = Folder(folder / "apis", ApiProvider)
        self.engines = Folder(folder / "engines", Engine)
        self._folder = folder

    @cached_property
    def gpus(self) -> dict[str, Gpu]:
        """Cards, one file per maker."""
        entries = {name: entry for path in sorted((self._folder / "gpus").glob("*.yaml")) for name, entry in read(path).items()}
        return checked(TypeAdapter(Annotated[dict[str, Gpu], Named]).validate_python, entries, "gpus", "catalog/gpus/")

    @cached_property
    def countries(self) -> dict[str, CountryEntry]:
        """Countries by their two letters."""
        return load(TypeAdapter(dict[Country, CountryEntry]).validate_python, self._folder / "residency" / "countries.yaml")

    def provider_of(self, target: str) -> Provider:
        """The cloud a cluster target belongs to."""
        return next(provider for provider in self.providers.values() if target in provider.targets)


@cache
def load_catalog(folder: Path = FOLDER) -> Catalog:
    """The catalogue, once per process. Its entries raise BlueprintError where a file cannot be read or says something the catalogue
    does not know."""
    return Catalog(folder)
