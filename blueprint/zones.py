"""Data-residency zones: sets of countries, each inside the next, and who may run services in them.

eu-sovereign < eu-resident < eea < adequate < global. eu-sovereign has the same countries as eu-resident but asks for an
operator whom no law outside the EU reaches. Countries and adequacy decisions (Art. 45 GDPR): `catalog/residency/`.
"""

from dataclasses import dataclass

from blueprint.catalog import Provider, load_catalog
from blueprint.environment.residency import Zone as ZoneName

MEMBERSHIPS: dict[ZoneName, frozenset[str]] = {
    "eu-sovereign": frozenset({"eu"}),
    "eu-resident": frozenset({"eu"}),
    "eea": frozenset({"eu", "eea"}),
    "adequate": frozenset({"eu", "eea", "adequate"}),
    "global": frozenset(),
}


@dataclass(frozen=True)
class Zone:
    """One zone."""

    name: ZoneName

    def contains(self, country: str) -> bool:
        """Whether data may be in a country (ISO 3166 code). Countries the catalogue does not name are in `global` only."""
        entry = load_catalog().countries.get(country)
        return self.name == "global" or (entry is not None and entry.membership in MEMBERSHIPS[self.name])

    def accepts_operator(self, jurisdiction: str) -> bool:
        """Whether an operator under a country's law may run services here."""
        return self.name != "eu-sovereign" or self.contains(jurisdiction)

    def regions(self, provider: Provider) -> list[str]:
        """A cloud's regions inside, open ones only, those with availability zones first."""
        inside = [region for region in provider.regions.values() if self.contains(region.country) and not region.restricted]
        return [region.name for region in sorted(inside, key=lambda region: -region.availability_zones)]


def country_name(country: str) -> str:
    """A country in words; its code where the catalogue has no name for it."""
    entry = load_catalog().countries.get(country)
    return entry.name if entry else country


def is_third_country(jurisdiction: str) -> bool:
    """Whether a country's law stands outside the EEA: its operators need a transfer assessment (Art. 28, 48 GDPR)."""
    return not Zone("eea").contains(jurisdiction)
