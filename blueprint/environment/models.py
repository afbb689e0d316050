"""`models:` the open-weight models this environment serves itself, by deployment name."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from blueprint.environment.base import Name, Section
from blueprint.environment.cluster import ClockTime, PoolName

Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


def _known_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name} is not an IANA time zone; write one like Europe/Amsterdam") from None
    return name


TimeZone = Annotated[str, AfterValidator(_known_timezone)]


class Replicas(Section):
    """Bounds for autoscaling. `min: 0` is for batch only: a model without a pod has no metrics to wake it."""

    min: int = Field(1, ge=0)
    max: int = Field(1, ge=1)

    @model_validator(mode="after")
    def bounds_in_order(self) -> "Replicas":
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


class Schedule(Section):
    """At least `replicas` run between `start` and `end` (over midnight if `end` is earlier)."""

    start: ClockTime
    end: ClockTime
    timezone: TimeZone
    days: Literal["daily", "weekdays"] = "daily"
    replicas: int = Field(1, ge=1)

    @model_validator(mode="after")
    def lasts(self) -> "Schedule":
        if self.start == self.end:
            raise ValueError(f"start and end are both {self.start}; a schedule has to last")
        return self


class Adapters(Section):
    """LoRA adapters served beside the model, each under its own name, from `adapters/<name>` among the model's weights. vLLM keeps
    `at_once` of them on the GPU, all if left out, and reserves room for `max_rank` each."""

    names: tuple[Name, ...] = Field(min_length=1)
    max_rank: Literal[1, 8, 16, 32, 64, 128, 256, 320, 512] = 16
    at_once: int | None = Field(None, ge=1)

    @property
    def slots(self) -> int:
        """How many there is room for on the GPU."""
        return self.at_once or len(self.names)

    @model_validator(mode="after")
    def each_once(self) -> "Adapters":
        if len(set(self.names)) < len(self.names):
            raise ValueError("names has one of them twice")
        if self.slots > len(self.names):
            raise ValueError(f"at_once is {self.at_once}; there are {len(self.names)} adapters")
        return self


class ModelDeployment(Section):
    """One served model. Engine flags that are not here come from sizing. With `expert_parallel`, each GPU of a replica has whole experts
    instead of a slice of each."""

    model: str
    format: str
    pool: PoolName
    max_context_tokens: int = Field(ge=256)
    tensor_parallel: Literal[1, 2, 4, 8] = 1
    kv_cache: Literal["auto", "fp8"] = "auto"
    max_concurrent_requests: int | None = Field(None, ge=1, le=1024)
    adapters: Adapters | None = None
    expert_parallel: bool = False
    priority: Literal["realtime", "batch"] = "realtime"
    replicas: Replicas = Replicas()
    schedule: Schedule | None = None
    weights_digest: Digest | None = None
