"""Facts about the world: GPUs, models, clouds, hosted APIs, the engine and countries, each figure with source and date.

The data is `catalog/**/*.yaml`; a file's name is its entry's name. Nothing here computes: sizing, cost and zones do.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from blueprint.errors import BlueprintError

FOLDER = Path(__file__).parent.parent / "catalog"

# As precise as the source: a day, a month or a year. YAML reads days as dates and years as integers.
AsOf = Annotated[str, BeforeValidator(str), StringConstraints(pattern=r"^20\d\d(-\d\d(-\d\d)?)?$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Sentence = Annotated[str, StringConstraints(min_length=3)]


def _named(entries: dict[str, Any]) -> dict[str, Any]:
    return {name: {"name": name, **(entry or {})} for name, entry in entries.items()}


class Entry(BaseModel):
    """A piece of the catalogue: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# Entries that know the key they stand under.
Named = BeforeValidator(_named)


class Sourced(Entry):
    """Whatever states a figure says where it is from and when it was true."""

    source: Sentence
    as_of: AsOf


class Figure(Sourced):
    """One number; its unit is in the name of the field that holds it."""

    value: float


class FigureByTensorParallel(Sourced):
    """One number per tensor-parallel size."""

    value: dict[Literal[1, 2, 4, 8], float]


class MigProfile(Entry):
    """One way to cut a GPU into equal slices. `memory_gib` None: nobody has read it off the driver yet."""

    name: str
    per_gpu: int
    memory_gib: float | None = None


class Mig(Sourced):
    """The slices a GPU can be cut into; `batched_tokens` as for a whole one."""

    batched_tokens: int
    profiles: Annotated[dict[str, MigProfile], Named]


class Gpu(Sourced):
    """A GPU as sold: NVL, PCIe and SXM are different ones. `memory_gib` is what the driver reports; `batched_tokens` is what
    the engine puts through it in one step by default; `mig` None: it cannot be cut, or nobody has looked."""

    name: str
    label: str
    form: Literal["NVL", "PCIe", "SXM"]
    memory_gib: float
    marketing_gb: int
    batched_tokens: int
    bandwidth_tb_per_s: float | None = None
    mig: Mig | None = None


class Attention(Entry):
    """Layers with keys and values per token, or per token of the window if there is one."""

    kind: Literal["attention"]
    count: int
    kv_heads: int
    head_dim: int
    window: int | None = None


class LatentAttention(Entry):
    """Multi-head latent attention: one compressed vector per token; `indexer_dim` where attention is sparse."""

    kind: Literal["latent-attention"]
    count: int
    latent_dim: int
    rope_dim: int
    indexer_dim: int | None = None


class GatedDelta(Entry):
    """Linear attention: a state of fixed size per request instead of keys and values per token."""

    kind: Literal["gated-delta"]
    count: int
    key_heads: int
    value_heads: int
    key_head_dim: int
    value_head_dim: int
    conv_kernel: int


Layers = Annotated[Attention | LatentAttention | GatedDelta, Field(discriminator="kind")]


class ModelFormat(Sourced):
    """Weights of a model at one precision, over all GPUs."""

    weights_gib: float
    repository: str | None = None


class Model(Sourced):
    """An open-weight model. Sizes are in elements; `feed_forward` is what one token passes through at a time (all active
    experts together). Unknown stays None."""

    name: str
    label: str
    layers: tuple[Layers, ...] = Field(min_length=1)
    vocabulary: int
    hidden: int
    feed_forward: int
    max_context_tokens: int | None = None
    multimodal: bool = False
    formats: dict[str, ModelFormat] = {}


class Price(Sourced):
    """A list price. `unit` says what `amount` buys; `region` None where the source does not say."""

    amount: float
    currency: Literal["EUR", "USD"]
    unit: Literal["hour", "million input tokens", "million output tokens"]
    kind: Literal["on-demand", "spot", "reserved"]
    region: str | None = None


class InstanceType(Sourced):
    """A machine of a cloud. `family` is the name quota and regional offers go by; `nvlink_gpus` is how many of its GPUs one
    NVLink domain joins (1: they talk over PCIe; None: nobody has looked); `confidential` ones keep data encrypted in use."""

    name: str
    family: str
    gpu: str | None = None
    gpus: int = 0
    nvlink_gpus: int | None = None
    confidential: bool = False
    vcpus: int
    memory_gib: float
    temporary_disk_gib: float
    prices: tuple[Price, ...] = ()


class Evidence(Sourced):
    """How sure we are that a family is offered in a region. `evidence`: seen in use; `verified`: the cloud said so. `zones` where
    not every zone of the region has it."""

    status: Literal["verified", "evidence", "unverified"]
    zones: tuple[str, ...] = ()


UNVERIFIED = Evidence(status="unverified", source="nobody has looked yet", as_of="2026")


class Region(Entry):
    """A cloud region; `pair` is where the cloud replicates to by itself. `gpus`: by instance family."""

    name: str
    country: Country
    pair: str | None = None
    availability_zones: int
    restricted: bool = False
    gpus: dict[str, Evidence] = {}

    def evidence(self, family: str) -> Evidence:
        """What is known about a family here; unverified where nothing is."""
        return self.gpus.get(family, UNVERIFIED)


class Operator(Sourced):
    """Who runs a service, and the country whose law can reach it."""

    name: str
    jurisdiction: Country


class Provider(Sourced):
    """A cloud. `weights_gib_per_second` is a slow day of loading weights from its object storage; `public_cidrs` are the
    addresses of those of its services that have no private one; `availability_command` asks it what it offers where;
    `written_in` is where its entries stand if not in catalog/providers/."""

    name: str
    label: str
    operator: Operator
    weights_gib_per_second: Figure
    targets: tuple[str, ...]
    public_cidrs: tuple[str, ...] = ()
    availability_command: str = ""
    written_in: str = ""
    regions: Annotated[dict[str, Region], Named]
    instances: Annotated[dict[str, InstanceType], Named]


class DeploymentType(Entry):
    """Where a hosted model's prompts are processed: the account's region, its EU data zone, or anywhere."""

    name: str
    processing: Literal["region", "eu", "global"]


class ApiModel(Entry):
    """A hosted model. `node_type` is the machine it runs on where one rents the machine, not the tokens."""

    name: str
    node_type: str | None = None
    prices: tuple[Price, ...] = ()


class ApiProvider(Sourced):
    """A hosted API: the operator, how it can be deployed, and its models. `provider` names the cloud of its regions."""

    name: str
    label: str
    operator: Operator
    provider: str
    deployment_types: Annotated[dict[str, DeploymentType], Named]
    models: Annotated[dict[str, ApiModel], Named]


class Engine(Entry):
    """What one version of the inference engine reserves beside weights and KV cache (see `blueprint/sizing.py`)."""

    name: str
    version: str
    gpu_memory_utilization: Figure
    sampler_copies: Figure
    encoder_gib: Figure
    replicated_weights_gib: Figure
    non_torch_gib: FigureByTensorParallel
    cuda_graph_gib_per_size: Figure
    fit_margin_gib: Figure
    start_seconds: Figure


class CountryEntry(Sourced):
    """A country and why data may be there. `membership` None: only with safeguards of one's own."""

    name: str
    membership: Literal["eu", "eea", "adequate"] | None = None
    valid_until: AsOf | None = None
    scope: str | None = None


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
    files = {path: _read(path) for path in sorted(folder.glob("*/*.yaml"))}
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
