"""What a stack is judged against: where its data may be, and how strict that data is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from blueprint.conditions import certified
from blueprint.matrix import CLASSES, PERSONAL, Answer, DataClass, Kind, class_of, judge
from blueprint.places import Place
from blueprint.residency_catalog import today
from blueprint.zones import Zone, ZoneName

__all__ = ["CLASSES", "Answer", "Scope"]


@dataclass(frozen=True)
class Scope:
    """Zone, optional narrowing to one country (ISO 3166), data class, and conditions declared with their dates; `on` is the day
    it is judged: adequacy decisions begin and end."""

    zone_name: ZoneName
    data_class: DataClass
    country: str = ""
    conditions: Mapping[str, str] = field(default_factory=dict)
    on: date = field(default_factory=today)

    @cached_property
    def zone(self) -> Zone:
        """The zone, which answers for places."""
        return Zone(self.zone_name, self.country, self.on, certified(self.conditions, self.on))

    @property
    def regulated(self) -> bool:
        """Whether what cannot be resolved counts as a failure: personal data and stricter."""
        return self.data_class in PERSONAL

    def answer(self, place: Place, kind: Kind = "content") -> Answer:
        """Whether this stack's data of a kind (prompts, logs, metrics, …) may be at a place, why, and by which law."""
        if (place, kind) not in self._answers:
            self._answers[place, kind] = judge(class_of(self.data_class, kind), place, self.zone, self.conditions, self.on)
        return self._answers[place, kind]

    @cached_property
    def _answers(self) -> dict[tuple[Place, Kind], Answer]:
        return {}
