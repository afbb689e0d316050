"""What applications ask for: tokens per month and use case, peaks, hours and growth, and how the options are to be compared.

A demand file is one mapping: `workload:` by use case (an environment's models and APIs are use cases by name), and around it what the
comparison may need to know: the API to compare with, own options, own assumptions, the bill that was really paid.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from blueprint.catalog.base import AsOf
from blueprint.catalog.prices import Option
from blueprint.matrix import DataClass
from blueprint.workload.lengths import MOST_P95

HOURS_PER_WEEK = 168
OFFICE_HOURS_PER_WEEK = 50  # ten hours on five days
DEFAULT_API = "azure-openai/gpt-5.4"
BY_REQUEST = ("requests_per_second", "prompt_tokens", "output_tokens")
BY_CONCURRENCY = ("concurrent_requests", "seconds_per_request", "prompt_tokens", "output_tokens")
BY_MONTH = ("input_tokens_per_month", "output_tokens_per_month")

Rate = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
TokensPerRequest = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
TokensPerMonth = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]
Own = Annotated["Range", BeforeValidator(lambda value: {"base": value} if isinstance(value, int | float | str) else value)]
Money = Annotated[float, Field(ge=0, le=1e10, allow_inf_nan=False)]
ANSWERS = ("frozen_model", "kubernetes", "gpu_operations", "on_call", "can_hire", "quarterly_review")  # yes, no or unknown
T = TypeVar("T")
# What a recommendation asks and somebody may honestly not know; leaving it out says the same.
Known = Annotated[T | None, BeforeValidator(lambda value: None if value == "unknown" else value)]
Milliseconds = Annotated[float, Field(gt=0, le=600_000, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


@dataclass(frozen=True)
class Tokens:
    """Tokens of a month; `cached` are those input tokens the provider had seen before."""

    input: float
    output: float
    cached: float = 0

    @property
    def total(self) -> float:
        """Input and output."""
        return self.input + self.output


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def numbers_are_no_answers(cls, said: Any) -> Any:
        """`true` would count as 1 otherwise."""
        for name, value in said.items() if isinstance(said, dict) else ():
            if isinstance(value, bool) and name in cls.model_fields and name not in ANSWERS:
                raise ValueError(f"{name} is {str(value).lower()}, which is no figure")
        return said


class UseCase(_Section):
    """One use case: requests with tokens per request, or tokens per month. Requests are counted per second, or as those under way at
    once and the seconds each takes; of people who take turns, their number and the seconds from one request of a person to the next.
    `prompt_tokens` and `output_tokens` are means; with their 95th percentile lengths are spread. `peak_factor` is the busiest minute
    over the mean of the hours it is used; `api` the hosted model it would take; `placement` where it has to be.

    Latency targets, for capacity: `ttft_p95_ms` to the first token, `itl_p95_ms` per token after it, `request_p99_ms` end to end.

    For a recommendation: `data_class` is its own where it is milder than the environment's, `task` what it does
    (catalog/decision/workloads.yaml), `capability` whether an open model is good enough, `frozen_model` whether its weights may only
    change when we change them (or are our own), `first_token_ms` how long a person may wait.
    """

    requests_per_second: Rate | None = None
    concurrent_requests: Rate | None = None
    seconds_per_request: Seconds | None = None
    prompt_tokens: TokensPerRequest | None = None
    prompt_tokens_p95: TokensPerRequest | None = None
    output_tokens: TokensPerRequest | None = None
    output_tokens_p95: TokensPerRequest | None = None
    input_tokens_per_month: TokensPerMonth | None = None
    output_tokens_per_month: TokensPerMonth | None = None
    cached_share: float = Field(0, ge=0, le=1)
    peak_factor: float = Field(1, ge=1, le=1000)
    hours: Literal["always", "office"] = "always"
    growth_per_year: float = Field(0, ge=-0.99, le=20, allow_inf_nan=False)
    api: str | None = None
    placement: Literal["any", "self-hosted", "api"] = "any"
    data_class: DataClass | None = None
    task: Known[str] = None
    capability: Known[Literal["open", "frontier"]] = None
    frozen_model: Known[bool] = None
    first_token_ms: Known[Milliseconds] = None
    ttft_p95_ms: Known[Milliseconds] = None
    itl_p95_ms: Known[Milliseconds] = None
    request_p99_ms: Known[Milliseconds] = None

    @model_validator(mode="after")
    def said_in_one_way(self) -> "UseCase":
        said = {name for name in {*BY_REQUEST, *BY_CONCURRENCY, *BY_MONTH} if getattr(self, name) is not None}
        if said not in ({*BY_REQUEST}, {*BY_CONCURRENCY}, {*BY_MONTH}):
            other = " and ".join(BY_CONCURRENCY[:2])
            raise ValueError(f"give {', '.join(BY_REQUEST)}, or {other} instead of {BY_REQUEST[0]}, or {' and '.join(BY_MONTH)}")
        return self

    @model_validator(mode="after")
    def lengths_that_exist(self) -> "UseCase":
        for name in ("prompt_tokens", "output_tokens"):
            mean, p95 = getattr(self, name), getattr(self, f"{name}_p95")
            if p95 is not None and mean is None:
                raise ValueError(f"{name}_p95 says how far requests are from their mean: give {name}, too")
            if p95 is not None and not mean <= p95 <= MOST_P95 * mean:
                most = f"{mean:g} to {MOST_P95 * mean:,.0f} can be meant with a mean of {mean:g}"
                raise ValueError(f"{name}_p95 is {p95:g}; {most}: split the use case into short and long requests")
        return self

    @property
    def rate(self) -> float | None:
        """Requests per second, on average in its hours; None by month. Of requests under way it is their number over the time each
        takes (Little's law)."""
        if self.concurrent_requests is not None and self.seconds_per_request is not None:
            return self.concurrent_requests / self.seconds_per_request
        return self.requests_per_second

    @property
    def active_share(self) -> float:
        """The share of all hours in which it is used."""
        return 1.0 if self.hours == "always" else OFFICE_HOURS_PER_WEEK / HOURS_PER_WEEK

    def tokens(self, hours_per_month: float) -> Tokens:
        """Tokens of a month of so many hours."""
        if self.rate is None:
            given, written = self.input_tokens_per_month or 0, self.output_tokens_per_month or 0
        else:
            requests = self.rate * 3600 * hours_per_month * self.active_share
            given, written = requests * (self.prompt_tokens or 0), requests * (self.output_tokens or 0)
        return Tokens(given, written, given * self.cached_share)

    def peak_tokens_per_second(self, hours_per_month: float) -> float:
        """Tokens per second of its busiest time."""
        return self.tokens(hours_per_month).total / (3600 * hours_per_month * self.active_share) * self.peak_factor


class Range(_Section):
    """One's own figure in place of an assumption; `base` alone, or just a number, means it is known exactly."""

    base: float = Field(allow_inf_nan=False, ge=0, le=1e12)
    low: float | None = Field(None, allow_inf_nan=False, ge=0, le=1e12)
    high: float | None = Field(None, allow_inf_nan=False, ge=0, le=1e12)
    source: str = "the demand file"
    as_of: AsOf | None = None

    @model_validator(mode="after")
    def bounds_in_order(self) -> "Range":
        low, high = self.base if self.low is None else self.low, self.base if self.high is None else self.high
        if not low <= self.base <= high:
            raise ValueError(f"low {low:g}, base {self.base:g} and high {high:g} are not in order")
        return self


class Readiness(_Section):
    """The people who would run it: `mlops` as the hosting primer grades a team, `platform_engineers` who run clusters today, and what
    they know, do and promise. Nothing is assumed: what is left out is unknown."""

    mlops: Known[Literal["none", "limited", "dedicated"]] = None
    platform_engineers: Known[Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]] = None
    kubernetes: Known[bool] = None
    gpu_operations: Known[bool] = None
    on_call: Known[bool] = None
    can_hire: Known[bool] = None
    quarterly_review: Known[bool] = None


class Demand(_Section):
    """What is asked for, and how to compare ways of serving it."""

    description: str = ""
    workload: dict[str, UseCase] = Field(min_length=1)
    api: str = DEFAULT_API
    apis: tuple[str, ...] = ()
    options: dict[str, Option] = {}
    assumptions: dict[str, Own] = {}
    bill_eur_per_month: Money | None = None
    stored_gib: float = Field(0, ge=0, le=1e9)
    egress_gib_per_month: float = Field(0, ge=0, le=1e9)
    horizon_months: int = Field(18, ge=1, le=120)
    hours_per_month: float = Field(730, ge=672, le=744)
    people: int = Field(0, ge=0, le=10_000_000)
    readiness: Readiness = Readiness()

    @property
    def tokens(self) -> Tokens:
        """Tokens of the first month, all use cases."""
        each = [use.tokens(self.hours_per_month) for use in self.workload.values()]
        return Tokens(sum(one.input for one in each), sum(one.output for one in each), sum(one.cached for one in each))
