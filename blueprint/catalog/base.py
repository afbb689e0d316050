"""What every entry of the catalogue is made of: figures with source and date, entries that know their own name."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

# As precise as the source: a day, a month or a year. YAML reads days as dates and years as integers.
AsOf = Annotated[str, BeforeValidator(str), StringConstraints(pattern=r"^20\d\d(-\d\d(-\d\d)?)?$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Sentence = Annotated[str, StringConstraints(min_length=3)]


def _named(entries: dict[str, Any]) -> dict[str, Any]:
    return {name: {"name": name, **(entry or {})} for name, entry in entries.items()}


# Entries that know the key they stand under.
Named = BeforeValidator(_named)


class Entry(BaseModel):
    """A piece of the catalogue: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Sourced(Entry):
    """Whatever states a figure says where it is from and when it was true."""

    source: Sentence
    as_of: AsOf


class Figure(Sourced):
    """One number; its unit is in the name of the field that holds it."""

    value: float


class Operator(Sourced):
    """Who runs a service, and the country whose law can reach it."""

    name: str
    jurisdiction: Country


class Price(Sourced):
    """A list price. `unit` says what `amount` buys; `region` None where the source does not say."""

    amount: float
    currency: Literal["EUR", "USD"]
    unit: Literal["hour", "million input tokens", "million output tokens"]
    kind: Literal["on-demand", "spot", "reserved"]
    region: str | None = None
