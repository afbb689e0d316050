"""The files of `modules/monitoring/`, as they are written."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from blueprint.catalog.base import Entry, Sentence

Severity = Literal["page", "ticket", "info"]
Duration = Annotated[str, StringConstraints(pattern=r"^(0s|([0-9]+[smhdw])+)$")]
AlertName = Annotated[str, StringConstraints(pattern=r"^([A-Z][a-z0-9]*)+$")]
RecordName = Annotated[str, StringConstraints(pattern=r"^[a-z_]+:[a-z0-9_]+:[a-z0-9_]+$")]
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*$")]
ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
SettingPath = Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z0-9_]+)+$")]


class Parameter(Entry):
    """A figure that an expression calls `$name`: a number, or a duration such as 10m.

    Either an environment may change it (`setting`), or `why` says why it is what it is everywhere. A figure that a `histogram` is
    compared with is one of its bucket edges; `$name_le` is then the edge as the label `le` is matched with.
    """

    value: float | Duration
    unit: Sentence | None = None
    setting: SettingPath | None = None
    why: Sentence | None = None
    histogram: str | None = None

    @model_validator(mode="after")
    def explained(self) -> "Parameter":
        if self.setting is None and self.why is None:
            raise ValueError("needs a `setting` an environment can change it by, or `why` it is the same everywhere")
        return self


Parameters = dict[ParameterName, Parameter]
# What a file is written once for, and rendered as often as an environment has of it.
Each = Literal["model"]


class Recording(Entry):
    """A series that Prometheus computes, and what it means. `labels` are added, as in a rule file."""

    record: RecordName
    expr: str
    what: Sentence
    unit: Sentence
    each: Each | None = None
    labels: dict[LabelName, str] = {}


class Recordings(Entry):
    """`recordings/<group>.yaml`; a recording may read those above it. `interval` lies between two evaluations."""

    name: str
    interval: Duration = "30s"
    parameters: Parameters = {}
    rules: tuple[Recording, ...]


class Alert(Entry):
    """`alerts/<AlertName>.yaml`. `labels` are added to those of the series: for inhibition, or to tell siblings apart."""

    name: AlertName
    group: LabelName
    severity: Severity
    team: str = "platform"
    source: Sentence
    parameters: Parameters = {}
    each: Each | None = None
    expr: str
    for_: Duration = Field(alias="for")
    why_at_once: Sentence | None = None
    keep_firing_for: Duration | None = None
    labels: dict[LabelName, str] = {}
    summary: Sentence

    @model_validator(mode="after")
    def patient(self) -> "Alert":
        if self.for_ == "0s" and self.why_at_once is None:
            raise ValueError("`for: 0s` needs a `why_at_once`")
        return self


class Objective(Entry):
    """`slos/<name>.yaml`: a share of events that have to be good. `errors` and `events` are rates over five minutes with the same
    labels; `floor` is the rate of events below which nobody is told."""

    name: LabelName
    what: Sentence
    source: Sentence
    objective: Parameter
    floor: Parameter
    parameters: Parameters = {}
    errors: str
    events: str
