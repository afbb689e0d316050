"""What a stack is judged in: what it declares itself (output `data_residency`), unless the person who asks says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from blueprint.errors import BlueprintError
from blueprint.facts import Facts
from blueprint.policy.scope import CLASSES, Scope
from blueprint.zones import ZONES, ZoneName


@dataclass(frozen=True)
class Options:
    """What a person asks for; empty where the stack's declaration holds. `otherwise`: zone and class where nobody says any."""

    zone: str = ""
    data_class: str = ""
    country: str = ""
    otherwise: tuple[str, str] = ("", "")


def scope_of(facts: Facts, options: Options) -> Scope:
    """The scope of a stack.

    Raises:
        BlueprintError: neither the stack nor the options say a zone and a data class, or nobody knows what they say.
    """
    said = facts.declaration
    zone = _known(facts.name, "zone", options.zone or said.zone or options.otherwise[0], ZONES)
    data_class = _known(facts.name, "data class", options.data_class or said.data_class or options.otherwise[1], CLASSES)
    country = (options.country or said.country).upper()
    return Scope(cast(ZoneName, zone), data_class, country, said.conditions)  # type: ignore[arg-type]


def weaker(facts: Facts, options: Options) -> list[str]:
    """Where the options ask for less than the stack declares, in words."""
    said, notes = facts.declaration, []
    if options.zone in ZONES and said.zone in ZONES and ZONES.index(options.zone) > ZONES.index(said.zone):
        notes.append(f"{facts.name} declares zone {said.zone}; --zone {options.zone} is wider")
    if options.data_class in CLASSES and said.data_class in CLASSES and CLASSES.index(options.data_class) < CLASSES.index(said.data_class):
        notes.append(f"{facts.name} declares {said.data_class} data; --data-class {options.data_class} is less strict")
    if options.country and said.country and options.country.upper() != said.country.upper():
        notes.append(f"{facts.name} declares country {said.country}; --country {options.country} is another one")
    return notes


def _known(name: str, what: str, value: str, allowed: Sequence[str]) -> str:
    option = f"--{what.replace(' ', '-')}"
    if not value:
        raise BlueprintError(f"{name} does not declare its {what}, and no {option} was given", f"{option} {'|'.join(allowed)}")
    if value not in allowed:
        raise BlueprintError(f"{name}: there is no {what} {value}", f"{option} {'|'.join(allowed)}")
    return value
