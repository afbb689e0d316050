"""`data_residency:` where data may be, and the strictest data that may enter."""

from datetime import date
from typing import Literal

from blueprint.environment.base import Section

Zone = Literal["eu-sovereign", "eu-resident", "eea", "adequate", "global"]
DataClass = Literal["public", "internal", "confidential", "personal", "special", "regulated-function"]


class DataResidency(Section):
    """The legal frame of an environment. `conditions` are declarations with the date they were signed."""

    zone: Zone
    data_class: DataClass
    conditions: dict[Literal["processor_contract", "transfer_assessment", "impact_assessment", "key_custody"], date] = {}
