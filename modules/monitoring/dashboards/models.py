"""What a dashboard's file says."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from blueprint.catalog.base import Entry, Sentence

COLUMNS = 24  # of Grafana's grid

Variable = Literal["namespace", "model", "node", "route", "consumer"]
# `QueueDeep.depth`: a parameter of an alert.
FigureOfAlert = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*\.[a-z][a-z0-9_]*$")]


class Query(Entry):
    """One expression; `legend` names its series, with {{label}} for a label's value."""

    expr: str
    legend: str = ""


class Panel(Entry):
    """One picture. `limit` is drawn where the alert draws it, and `bad` says on which side of it; `alert` is linked without a line.
    `unit` is Grafana's name of it (`s`, `percentunit`, `reqps`), or `suffix: …`. `columns` of a table: label → heading, from left to
    right; `Value` is the number."""

    title: Sentence
    what: Sentence
    kind: Literal["timeseries", "stat", "table", "heatmap", "bargauge"] = "timeseries"
    unit: str
    queries: tuple[Query, ...] = Field(min_length=1)
    alert: str | None = None
    limit: FigureOfAlert | float | None = None
    bad: Literal["above", "below"] = "above"
    width: int = Field(8, ge=3, le=COLUMNS)
    height: int = Field(7, ge=3, le=20)
    stacked: bool = False
    lowest: float | None = 0
    highest: float | None = None
    decimals: int | None = None
    empty: str = "no traffic"
    columns: dict[str, str] = {}

    @property
    def runbook(self) -> str | None:
        """The alert whose page says what to do."""
        return self.alert or (self.limit.partition(".")[0] if isinstance(self.limit, str) else None)

    @model_validator(mode="after")
    def columns_of_a_table(self) -> "Panel":
        if bool(self.columns) != (self.kind == "table"):
            raise ValueError("a table has `columns`, and nothing else has")
        return self


class Row(Entry):
    """Panels that answer one question."""

    title: Sentence
    panels: tuple[Panel, ...] = Field(min_length=1)


class Dashboard(Entry):
    """`<name>.yaml`. `variables` come after the data source and the cluster."""

    name: str
    title: Sentence
    what: Sentence
    variables: tuple[Variable, ...] = ()
    hours: int = 6
    rows: tuple[Row, ...] = Field(min_length=1)
