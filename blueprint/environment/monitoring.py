"""`monitoring:` what is kept, from which figures on somebody is told, who that is, and when people are at work."""

from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from blueprint.environment.base import Name, Section
from blueprint.environment.cluster import ClockTime, Day
from blueprint.environment.gateway import Hostname
from blueprint.environment.models import TimeZone
from blueprint.environment.onprem import Url
from blueprint.environment.operations import Email

FigureName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


def _in_the_calendar(day: str) -> str:
    try:
        date.fromisoformat(day if len(day) > len("12-25") else f"2028-{day}")  # a leap year
    except ValueError:
        raise ValueError(f"{day} is in no calendar") from None
    return day


# A date, or a day of every year: Christmas is 12-25. YAML reads dates as such.
Holiday = Annotated[
    str,
    StringConstraints(pattern=r"^(\d{4}-)?\d\d-\d\d$"),
    BeforeValidator(lambda day: str(day) if isinstance(day, date) else day),
    AfterValidator(_in_the_calendar),
]
Severity = Literal["page", "ticket"]
WORKING_DAYS: list[Day] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]


class BusinessHours(Section):
    """When people work: idle GPUs are waste then, and tickets are delivered. Holidays are dates, or days of every year (12-25)."""

    timezone: TimeZone = "Europe/Brussels"
    start: ClockTime = "08:00"
    end: ClockTime = "18:00"
    days: list[Day] = Field(WORKING_DAYS, min_length=1)
    holidays: list[Holiday] = []

    @model_validator(mode="after")
    def within_a_day(self) -> "BusinessHours":
        if self.start >= self.end:
            raise ValueError(f"end {self.end} is not after start {self.start}; business hours are within a day")
        return self


class Receives(Section):
    """What every receiver has: the alerts it is sent. `team` None: those of all teams. Tickets wait for business hours unless
    `always`."""

    severity: Severity
    team: Name | None = None
    always: bool = False


class Webhook(Receives):
    """A service that takes Alertmanager's JSON. `token`: it wants a bearer token, which is the secret `receiver-<name>`."""

    kind: Literal["webhook"]
    url: Url
    token: bool = False


class Mail(Receives):
    """Mail through a server of one's own. With `user`, its password is the secret `receiver-<name>`."""

    kind: Literal["email"]
    to: list[Email] = Field(min_length=1)
    sender: Email
    host: Hostname
    port: int = Field(587, ge=1, le=65535)
    user: str | None = None


Receiver = Annotated[Webhook | Mail, Field(discriminator="kind")]


class Heartbeat(Section):
    """Somebody outside the cluster who is called as long as all is well, and raises the alarm when calls stay out."""

    url: Url
    token: bool = False


class Monitoring(Section):
    """How long and how much the in-cluster Prometheus keeps, and who hears of what.

    `thresholds` are the figures alerts may be given other values for (`blueprint alerts`), `objectives` the percentages of the
    service-level objectives. `receiver_cidrs` are the addresses of receivers and heartbeat where these are not private ones.
    `runbooks` is where docs/runbooks/ of the checkout can be read.
    """

    retention_days: int = Field(30, ge=1, le=730)
    storage_gib: int = Field(200, ge=10)
    logs_retention_days: int = Field(90, ge=30, le=730)
    thresholds: dict[FigureName, Annotated[float, Field(ge=0)]] = {}
    objectives: dict[FigureName, Annotated[float, Field(gt=0, lt=100)]] = {}
    business_hours: BusinessHours = BusinessHours()
    receivers: dict[Name, Receiver] = {}
    receiver_cidrs: list[IPv4Network] = []
    heartbeat: Heartbeat | None = None
    runbooks: Url | None = None

    def secrets(self) -> Iterator[str]:
        """Names of the secrets that receivers and the heartbeat need."""
        for name, receiver in self.receivers.items():
            if receiver.token if isinstance(receiver, Webhook) else receiver.user is not None:
                yield f"receiver-{name}"
        if self.heartbeat and self.heartbeat.token:
            yield "heartbeat"
