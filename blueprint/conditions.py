"""Conditions: facts of contracts and assessments, which no code can see. They are declared with the day they were met, and the day
is checked against the law (`catalog/residency/conditions.yaml`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

from blueprint import residency_catalog as catalog

ConditionName = Literal[
    "processor_contract",
    "transfer_assessment",
    "impact_assessment",
    "customer_keys",
    "transfer_record",
    "standard_clauses",
    "supplementary_measures",
    "no_training",
    "confidentiality_contract",
    "encryption",
    "access_assessment",
    "dora_register",
    "exit_plan",
    "concentration_note",
]

# The condition that is declared per operator: a certification under the EU-US Data Privacy Framework.
CERTIFICATION = "us_dpf"


@dataclass(frozen=True)
class Condition:
    """Something that must be signed or assessed before data is at a place. `not_before` holds a date and why; None: any age."""

    what: str
    basis: str
    source: str
    as_of: date
    not_before: Mapping[str, Any] | None = None
    valid_months: int | None = None
    valid_why: str = ""


@cache
def conditions() -> Mapping[str, Condition]:
    """Conditions by name."""
    path = "residency/conditions.yaml"
    return {name: catalog.entry(Condition, path, name, fields) for name, fields in catalog.table(path).items()}


def in_force(name: str, declared: str, on: date) -> bool:
    """Whether a condition was declared with a day (YYYY-MM-DD) that counts."""
    try:
        return not complaint(name, date.fromisoformat(declared), on)
    except ValueError:
        return False


def certified(declared: Mapping[str, str], on: date) -> frozenset[str]:
    """Operators whose certification is declared (`us_dpf.Microsoft: 2026-05-01`) and in force."""
    found = {name.partition(".")[2]: day for name, day in declared.items() if name.startswith(f"{CERTIFICATION}.")}
    return frozenset(operator for operator, day in found.items() if in_force(CERTIFICATION, day, on))


def complaint(name: str, declared: date, on: date) -> str:
    """What is wrong with the day a condition was met, in words; empty if nothing is."""
    condition = conditions()[name]
    if declared > on:
        return f"{declared} is in the future: a condition counts from the day it is met"
    if condition.not_before and declared < condition.not_before["date"]:
        return f"{declared} is too old: {condition.not_before['why']}"
    months = (on.year - declared.year) * 12 + on.month - declared.month - (on.day < declared.day)
    if condition.valid_months and months >= condition.valid_months:
        return f"{declared} is more than {condition.valid_months} months ago: {condition.valid_why}"
    return ""
