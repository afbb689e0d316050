"""Zones: each inside the next, with the right countries and operators."""

from itertools import pairwise

import pytest

from blueprint.catalog import load_catalog
from blueprint.environment.residency import Zone as ZoneName
from blueprint.zones import MEMBERSHIPS, Zone, country_name, is_third_country

ORDER: tuple[ZoneName, ...] = ("eu-sovereign", "eu-resident", "eea", "adequate", "global")
COUNTRIES = [*load_catalog().countries, "XX"]
AZURE = load_catalog().providers["azure"]


def countries(zone: ZoneName) -> set[str]:
    return {country for country in COUNTRIES if Zone(zone).contains(country)}


def test_every_zone_is_known() -> None:
    assert tuple(MEMBERSHIPS) == ORDER


def test_each_zone_lies_in_the_next() -> None:
    for inner, outer in pairwise(ORDER):
        assert countries(inner) <= countries(outer), f"{inner} in {outer}"


def test_the_eu_has_27_members_and_the_eea_three_more() -> None:
    assert len(countries("eu-resident")) == 27
    assert countries("eea") - countries("eu-resident") == {"NO", "IS", "LI"}


@pytest.mark.parametrize("country", ["CH", "GB", "JP", "BR"])
def test_an_adequacy_decision_admits_a_country_to_adequate_only(country: str) -> None:
    assert Zone("adequate").contains(country)
    assert not Zone("eea").contains(country)


def test_the_united_states_are_not_adequate_as_a_country() -> None:
    """The Data Privacy Framework covers certified recipients, not the country."""
    assert [zone for zone in ORDER if Zone(zone).contains("US")] == ["global"]


def test_an_unknown_country_is_in_global_only() -> None:
    assert [zone for zone in ORDER if Zone(zone).contains("XX")] == ["global"]


def test_an_american_operator_may_run_everything_but_eu_sovereign() -> None:
    assert [zone for zone in ORDER if not Zone(zone).accepts_operator(AZURE.operator.jurisdiction)] == ["eu-sovereign"]
    assert Zone("eu-sovereign").accepts_operator("FR")


def test_regions_offered_are_inside_open_and_best_first() -> None:
    regions = Zone("eu-resident").regions(AZURE)
    assert regions[0] == "westeurope"
    assert not {"norwayeast", "eastus", "francesouth"} & set(regions)
    assert len(regions) == 11


def test_countries_are_told_in_words() -> None:
    assert country_name("US") == "the United States"
    assert country_name("XX") == "XX"


def test_law_outside_the_eea_is_third_country_law() -> None:
    assert is_third_country("US")
    assert is_third_country("CH")
    assert not is_third_country("NO")
