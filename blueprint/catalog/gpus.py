"""`catalog/gpus/`: cards, and the slices they can be cut into."""

from typing import Annotated, Literal

from blueprint.catalog.base import Entry, Named, Sourced


class MigProfile(Entry):
    """One way to cut a GPU into equal slices. `memory_gib` None: nobody has read it off the driver yet."""

    name: str
    per_gpu: int
    memory_gib: float | None = None


class Mig(Sourced):
    """The slices a GPU can be cut into; `batched_tokens` as for a whole one. A profile `<n>g.<m>gb` has n of `compute_slices`, and of
    `memory_slices` those its memory takes, with their bandwidth."""

    batched_tokens: int
    compute_slices: int
    memory_slices: int
    profiles: Annotated[dict[str, MigProfile], Named]


class Speed(Sourced):
    """Peaks of a card: memory bandwidth, arithmetic without sparsity, and exchange with its neighbours in both directions."""

    bandwidth_tb_per_s: float
    bf16_tflops: float
    fp8_tflops: float | None = None
    link_gb_per_s: float


class Gpu(Sourced):
    """A GPU as sold: NVL, PCIe and SXM are different ones. `memory_gib` is what the driver reports; `batched_tokens` is what
    the engine puts through it in one step by default; `mig` None: it cannot be cut, or nobody has looked."""

    name: str
    label: str
    form: Literal["NVL", "OAM", "PCIe", "SXM"]
    memory_gib: float
    marketing_gb: int
    batched_tokens: int
    speed: Speed | None = None
    mig: Mig | None = None
