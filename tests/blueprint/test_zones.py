"""Zones: each inside the next, with the right countries and operators."""

from itertools import pairwise

import pytest

from blueprint.catalog import load_catalog
from blueprint.environment.residency import Zone as ZoneName
from blueprint.places import Place
from blueprint.zones import MEMBERSHIPS, ZONES, Zone, countries_in_words, country_name, innermost, is_third_country

ORDER: tuple[ZoneName, ...] = ("eu-sovereign", "eu-resident", "eea", "adequate", "global")
COUNTRIES = [*load_catalog().countries, "XX"]
AZURE = load_catalog().providers["azure"]


def countries(zone: ZoneName) -> set[str]:
    return {country for country in COUNTRIES if Zone(zone).contains(country)}


def test_every_zone_is_known() -> None:
    assert tuple(MEMBERSHIPS) == ORDER == ZONES


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


PARIS = Place("fr-par", frozenset({"FR"}), "Scaleway", "FR")
AMSTERDAM = Place("westeurope", frozenset({"NL"}), "Microsoft", "US")
ANYWHERE = Place("api.openai.com", None, "OpenAI", "US")
OWN = Place("vllm", frozenset())


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        (PARIS, "eu-sovereign"),
        (OWN, "eu-sovereign"),
        (AMSTERDAM, "eu-resident"),
        (Place("two", frozenset({"NL", "NO"})), "eea"),
        (Place("two", frozenset({"NL", "CH"})), "adequate"),
        (Place("two", frozenset({"NL", "US"})), "global"),
        (ANYWHERE, "global"),
    ],
)
def test_a_place_is_in_the_smallest_zone_that_holds_all_of_it(place: Place, zone: ZoneName) -> None:
    assert innermost(place, Zone("global")) == zone
    assert [name for name in ZONES if Zone(name).admits(place)] == list(ZONES[ZONES.index(zone) :])


def test_a_zone_says_what_it_has_against_a_place() -> None:
    assert Zone("eu-resident").objection(AMSTERDAM) == ""
    assert "run by Microsoft under the law of the United States" in Zone("eu-sovereign").objection(AMSTERDAM)
    assert "any country" in Zone("adequate").objection(ANYWHERE)
    assert Zone("eea").objection(Place("copy", frozenset({"US", "DE"}))) == "copy is in the United States, outside zone eea"


def test_a_country_narrows_a_zone_but_not_who_operates() -> None:
    french = Zone("eu-sovereign", country="FR")
    assert french.admits(PARIS)
    assert french.admits(OWN)
    assert french.admits(Place("fr", frozenset({"FR"}), "Site", "DE"))
    assert not french.admits(Place("fr", frozenset({"FR", "DE"})))
    assert not Zone("global", country="FR").admits(ANYWHERE)


def test_the_whole_eu_is_told_by_its_name() -> None:
    everywhere = frozenset(country for country in COUNTRIES if Zone("eu-resident").contains(country))
    assert countries_in_words(everywhere) == "some member state of the EU"
    assert countries_in_words({"NL", "DE"}) == "Germany and the Netherlands"
