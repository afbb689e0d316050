"""Where a resource's data may be, and in which role it is there."""

from dataclasses import dataclass
from enum import StrEnum

from blueprint.facts import Unknown
from blueprint.places import Place


class Role(StrEnum):
    """Why data is at a place. Each has its rule: R01 primary and deployer, R02 replica and backup, R03 telemetry, R05 processing,
    R27 transit, R30 key, R31 names, R32 identity, R33 source."""

    primary = "primary"
    replica = "replica"
    backup = "backup"
    processing = "processing"
    telemetry = "telemetry"
    key = "key"
    transit = "transit"
    deployer = "deployer"
    names = "names"
    identity = "identity"
    source = "source"


@dataclass(frozen=True)
class Residence:
    """One place of a resource's data: the attribute that says so (or whose default does), its value, and the place.

    `place` Unknown: nobody can tell before apply, or the catalogue has no such region. `next` is what a person can do.
    """

    role: Role
    path: str
    found: str
    place: Place | Unknown
    why: str
    next: str = ""
