"""Data-residency zones: sets of countries, each inside the next, and who may run services in them.

eu-sovereign < eu-resident < eea < adequate < global. eu-sovereign has the same countries as eu-resident but asks for an
operator whom no law outside the EU reaches. `country` narrows any of them to one country. Countries and adequacy decisions
(Art. 45 GDPR) with their dates: `catalog/residency/`. What may be in a zone, and on which conditions: `blueprint/matrix.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

from blueprint import residency_catalog as catalog
from blueprint.places import Place

if TYPE_CHECKING:
    from blueprint.catalog import Provider

ZoneName = Literal["eu-sovereign", "eu-resident", "eea", "adequate", "global"]
ZONES: tuple[ZoneName, ...] = get_args(ZoneName)

MEMBERSHIPS: dict[ZoneName, frozenset[str]] = {
    "eu-sovereign": frozenset({"eu"}),
    "eu-resident": frozenset({"eu"}),
    "eea": frozenset({"eu", "eea"}),
    "adequate": frozenset({"eu", "eea", "adequate"}),
    "global": frozenset(),
}


@dataclass(frozen=True)
class Zone:
    """One zone, as it was on a day: adequacy decisions begin and end.

    `country` narrows it to one country (ISO 3166). `recipients` are operators whose certification (us-dpf) has been declared:
    where a decision covers certified recipients only, it covers those.
    """

    name: ZoneName
    country: str = ""
    on: date | None = None
    recipients: frozenset[str] = frozenset()

    def contains(self, country: str, operator: str = "") -> bool:
        """Whether data may be in a country (ISO 3166 code). Countries the catalogue does not name are in `global` only."""
        if self.country and country != self.country:
            return False
        return self.name == "global" or self._belongs(country, operator)

    def _belongs(self, country: str, operator: str) -> bool:
        entry = catalog.countries().get(country)
        if entry is None or not entry.valid(self.on or catalog.today()):
            return False
        covered = bool(entry.framework) and self.name == "adequate" and operator in self.recipients
        return covered or entry.membership in MEMBERSHIPS[self.name]

    def accepts_operator(self, jurisdiction: str) -> bool:
        """Whether an operator under a country's law may run services here; empty: nobody but ourselves."""
        return self.name != "eu-sovereign" or not jurisdiction or Zone("eu-sovereign", on=self.on).contains(jurisdiction)

    def admits(self, place: Place) -> bool:
        """Whether all of a place lies in the zone, its operator included."""
        return not self.objection(place)

    def objection(self, place: Place) -> str:
        """Why a place is not in the zone, in one sentence; empty if it is."""
        return self.elsewhere(place) or self.foreign(place)

    def elsewhere(self, place: Place) -> str:
        """Which countries of a place are outside, in one sentence; empty if none is."""
        if place.countries is None:
            anywhere = self.name == "global" and not self.country
            return "" if anywhere else f"{place.label} may be in any country, so nobody can say that it stays in zone {self}"
        outside = [country for country in place.countries if not self.contains(country, place.operator)]
        return f"{place.label} is in {countries_in_words(outside)}, outside zone {self}" if outside else ""

    def foreign(self, place: Place) -> str:
        """Which law reaches a place's operator that must not, in one sentence; empty if none does."""
        if self.accepts_operator(place.jurisdiction):
            return ""
        law = country_name(place.jurisdiction)
        return f"{place.label} is run by {place.operator} under the law of {law}; {self.name} needs an operator under EU law only"

    def regions(self, provider: "Provider") -> list[str]:
        """A cloud's regions inside, open ones only, those with availability zones first."""
        inside = [region for region in provider.regions.values() if self.contains(region.country) and not region.restricted]
        return [region.name for region in sorted(inside, key=lambda region: -region.availability_zones)]

    def __str__(self) -> str:
        return f"{self.name} ({self.country} only)" if self.country else self.name


def innermost(place: Place, within: Zone) -> ZoneName:
    """The smallest zone a place lies in: its column in the matrix. `within` says on which day, and which recipients count."""
    return next(name for name in ZONES if replace(within, name=name, country="").admits(place))


def countries_in_words(countries: Iterable[str]) -> str:
    """Countries in words; the whole EU by its name."""
    codes = frozenset(countries)
    named = sorted(map(country_name, codes - catalog.members("eu") if catalog.members("eu") <= codes else codes))
    if catalog.members("eu") <= codes:
        named.insert(0, "some member state of the EU")
    return " and ".join(named)


def country_name(country: str) -> str:
    """A country in words; its code where the catalogue has no name for it."""
    entry = catalog.countries().get(country)
    return entry.name if entry else country


def is_third_country(jurisdiction: str) -> bool:
    """Whether a country's law stands outside the EEA: its operators need a transfer assessment (Art. 28, 48 GDPR)."""
    return not Zone("eea").contains(jurisdiction)
