"""`data_residency:` where data may be, the strictest data that may enter, and what was signed and assessed before."""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from blueprint.conditions import CERTIFICATION, ConditionName, certified
from blueprint.environment.base import Section
from blueprint.matrix import DataClass
from blueprint.residency_catalog import today
from blueprint.zones import Zone as Perimeter
from blueprint.zones import ZoneName as Zone

__all__ = ["DataClass", "DataResidency", "Zone"]

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class DataResidency(Section):
    """The legal frame of an environment. `country` narrows the zone to one country. `conditions` are declarations with the date
    they were met; `dpf_recipients` are operators whose certification under the EU-US Data Privacy Framework was checked, and when."""

    zone: Zone
    data_class: DataClass
    country: CountryCode | None = None
    conditions: dict[ConditionName, date] = {}
    dpf_recipients: dict[str, date] = {}

    @property
    def declared(self) -> dict[str, str]:
        """Everything declared, as rules read it: `processor_contract`, `us_dpf.Microsoft`."""
        met = {str(name): day.isoformat() for name, day in self.conditions.items()}
        return met | {f"{CERTIFICATION}.{operator}": day.isoformat() for operator, day in self.dpf_recipients.items()}

    @property
    def perimeter(self) -> Perimeter:
        """The zone as it stands today, narrowed, and with the recipients that count."""
        return Perimeter(self.zone, self.country or "", today(), certified(self.declared, today()))
