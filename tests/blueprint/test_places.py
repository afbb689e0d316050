"""Places: regions and hosts the catalogue knows, and nothing guessed from how a name looks."""

import pytest

from blueprint import hostnames, places
from blueprint import residency_catalog as catalog
from blueprint.facts import Unknown
from blueprint.places import Place


def countries(place: Place | Unknown | None) -> set[str] | None:
    assert isinstance(place, Place), place
    return None if place.countries is None else set(place.countries)


@pytest.mark.parametrize(
    ("cloud", "name", "country", "law"),
    [
        ("azure", "westeurope", "NL", "US"),
        ("azure", "West Europe", "NL", "US"),
        ("azure", "GermanyWestCentral", "DE", "US"),
        ("scaleway", "fr-par", "FR", "FR"),
        ("scaleway", "pl-waw-2", "PL", "FR"),
        ("aws", "eu-central-1", "DE", "US"),
        ("aws", "eu-west-3b", "FR", "US"),
        ("aws", "eusc-de-east-1", "DE", "US"),
        ("google", "europe-west1-b", "BE", "US"),
        ("ovh", "GRA11", "FR", "FR"),
        ("ovh", "EU-WEST-PAR", "FR", "FR"),
        ("stackit", "eu02", "AT", "DE"),
        ("ionos", "de/txl", "DE", "DE"),
        ("exoscale", "at-vie-1", "AT", "CH"),
    ],
)
def test_a_region_is_in_its_country_under_its_operators_law(cloud: str, name: str, country: str, law: str) -> None:
    place = places.region(cloud, name)
    assert countries(place) == {country}
    assert isinstance(place, Place)
    assert place.jurisdiction == law


@pytest.mark.parametrize(
    ("cloud", "name"),
    [
        ("azure", "europe"),
        ("azure", "germany"),
        ("azure", "westeurope2"),
        ("azure", "eastusstg"),
        ("azure", ""),
        ("aws", "eu-north-1-cph-1a"),
        ("google", "eu"),
        ("google", "europe-west1-b-1"),
        ("scaleway", "fr-par-"),
        ("ionos", "de"),
    ],
)
def test_a_name_that_is_no_region_is_unknown_and_says_what_to_do(cloud: str, name: str) -> None:
    found = places.region(cloud, name)
    assert isinstance(found, Unknown)
    assert f"catalog/{catalog.clouds()[cloud]}" in found.reason


def test_a_cloud_without_a_table_is_unknown() -> None:
    found = places.region("fogbank", "eu-1")
    assert isinstance(found, Unknown)
    assert "catalog/residency/regions/fogbank.yaml" in found.reason


def test_global_is_anywhere() -> None:
    assert countries(places.region("azure", "Global")) is None


def test_a_pair_is_where_copies_go() -> None:
    assert countries(places.pair("azure", "westeurope")) == {"IE"}
    assert countries(places.pair("azure", "brazilsouth")) == {"US"}
    assert places.pair("azure", "italynorth") is None
    assert isinstance(places.pair("azure", "europe"), Unknown)


@pytest.mark.parametrize("cloud", list(catalog.clouds()))
def test_every_region_has_a_country_with_a_name_and_a_pair_that_exists(cloud: str) -> None:
    known = catalog.cloud(cloud)
    assert known is not None
    for name, region in known.regions.items():
        assert region.country in catalog.countries(), f"{cloud} {name}"
        assert region.pair is None or region.pair in known.regions, f"{cloud} {name}"


def test_no_pair_of_a_region_in_the_eu_leaves_the_eu() -> None:
    azure = catalog.cloud("azure")
    assert azure is not None
    inside = {name: region for name, region in azure.regions.items() if region.country in catalog.members("eu")}
    assert {azure.regions[region.pair].country for region in inside.values() if region.pair} <= catalog.members("eu")
    assert len(inside) == 14


@pytest.mark.parametrize(
    "name",
    [
        *("vllm", "localhost:8080", "vllm.serving.svc", "http://vllm.serving.svc.cluster.local:8000/v1", "s3.dc.acme.internal"),
        *("loki.monitoring:3100", "kafka-0.kafka.messaging", "nas.office.lan"),  # no public domain ends so
        *("10.1.2.3", "192.168.0.0/16", "127.1", "0x7f000001", "[fd00::1]:443", "100.64.0.1", "169.254.169.254", "0.0.0.0"),
    ],
)
def test_what_stays_in_the_network_is_nowhere_else(name: str) -> None:
    assert countries(places.host(name)) == set()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("api.openai.com", None),
        ("https://API.OpenAI.com:443/v1/chat?x=1", None),
        ("https://user:secret@api.openai.com/v1", None),
        ("api。openai。com.", None),
        ("generativelanguage.googleapis.com", None),
        ("openrouter.ai", None),
        ("bedrock-runtime.us-east-1.amazonaws.com", {"US"}),
        ("bucket.s3.eu-central-1.amazonaws.com", {"DE"}),
        ("s3-eu-west-1.amazonaws.com", {"IE"}),
        ("bucket.s3.amazonaws.com", None),
        ("s3.fr-par.scw.cloud", {"FR"}),
        ("rg.nl-ams.scw.cloud", {"NL"}),
        ("s3.gra.io.cloud.ovh.net", {"FR"}),
        ("object.storage.eu01.onstackit.cloud", {"DE"}),
        ("sos-ch-dk-2.exo.io", {"CH"}),
        ("northeurope.api.cognitive.microsoft.com", {"IE"}),
        ("eastus-8.in.applicationinsights.azure.com", {"US"}),
        ("europe-west4-docker.pkg.dev", {"NL"}),
        ("x.eu-west-1.aws.endpoints.huggingface.cloud", {"IE"}),
        ("http-intake.logs.datadoghq.eu", {"DE"}),
        ("api.datadoghq.com", {"US"}),
        ("us5.datadoghq.com", {"US"}),
        ("events.pagerduty.com", {"US"}),
        ("api.opsgenie.com", {"US"}),
        ("o1.ingest.sentry.io", {"US"}),
        ("o1.ingest.de.sentry.io", {"DE"}),
        ("api.honeycomb.io", {"US"}),
        ("hooks.slack.com", None),
        ("api.telegram.org", None),
        ("acme.azurefd.net", None),
        ("8.8.8.8", None),
        ("134744072", None),
        ("::ffff:8.8.8.8", None),
        ("*", None),
        ("0.0.0.0/0", None),
        ("*.openai.com", None),
    ],
)
def test_a_service_is_where_the_catalogue_says(name: str, expected: set[str] | None) -> None:
    assert countries(places.host(name)) == expected


@pytest.mark.parametrize(
    "name", ["events.eu.pagerduty.com", "api.eu.opsgenie.com", "otlp.eu01.nr-data.net", "eu.api.openai.com", "api.eu1.honeycomb.io"]
)
def test_an_eu_region_of_a_service_is_in_the_eu_and_in_no_one_country(name: str) -> None:
    assert countries(places.host(name)) == set(catalog.members("eu"))


@pytest.mark.parametrize(
    "name",
    [
        *("llm.prod", "db.data", "collector.acme.test", "vllm.svc.cluster.local.acme.com", "a.internal.acme.dev"),
        *("llm.example.com", "openai.com.evil.example", "svc.example.com", "203.0.113.9", "10.0.0.0/7", "10.0.0.1.nip.io"),
        *("acme.openai.azure.com", "account.blob.core.windows.net", "b.s3.mars-1.amazonaws.com", "${var.host}", "", "http://[::1"),
    ],
)
def test_a_host_nobody_has_placed_is_unknown(name: str) -> None:
    assert isinstance(places.host(name), Unknown)


@pytest.mark.parametrize(
    ("deployment", "account", "expected"),
    [
        ("Standard", "swedencentral", {"SE"}),
        ("ProvisionedManaged", "West Europe", {"NL"}),
        ("GlobalStandard", "swedencentral", None),
        ("globalbatch", "swedencentral", None),
        ("DeveloperTier", "swedencentral", None),
        ("DataZoneStandard", "norwayeast", None),
        ("DataZoneStandard", "eastus", None),
    ],
)
def test_a_deployment_type_decides_where_prompts_are_processed(deployment: str, account: str, expected: set[str] | None) -> None:
    assert countries(places.processing("azure-openai", deployment, account)) == expected


def test_a_data_zone_of_an_account_in_the_eu_is_the_eu() -> None:
    assert countries(places.processing("azure-openai", "DataZoneBatch", "francecentral")) == set(catalog.members("eu"))
    assert isinstance(places.processing("azure-openai", "Newest", "francecentral"), Unknown)
    assert isinstance(places.processing("azure-openai", "GlobalStandard", "europe"), Unknown)


def test_an_api_server_is_where_its_region_is_however_much_it_is_needed() -> None:
    name = "abc.hcp.westus3.azmk8s.io"
    assert not places.residual(name)
    assert isinstance(place := places.host(name), Place)
    assert place.countries == frozenset({"US"})


def test_what_a_platform_cannot_do_without_is_listed_with_its_reason() -> None:
    assert "Kubernetes binaries" in places.residual("packages.aks.azure.com")
    assert places.residual("management.azure.com")
    assert not places.residual("api.openai.com")


def test_every_service_has_an_operator_a_place_and_patterns_that_find_it() -> None:
    for service in hostnames.services():
        assert service.operator in catalog.operators() or service.operator in {cloud_operator(name) for name in catalog.clouds()}, (
            service.name
        )
        assert bool(service.location) != bool(service.cloud), service.name
        for pattern in service.hosts:
            name = pattern.lstrip(".").replace("*", "a").replace("{region}", "r-1")
            found = hostnames.match(name)
            assert found is not None, pattern
            assert pattern in found.service.hosts or len(pattern) < max(map(len, found.service.hosts)), pattern


def cloud_operator(name: str) -> str:
    cloud = catalog.cloud(name)
    assert cloud is not None
    return cloud.operator.name


@pytest.mark.parametrize(("name", "country"), [("useast1", "US"), ("US-EAST-1", "US"), ("eucentral1", "DE"), ("westeurope", "NL")])
def test_a_region_is_known_however_it_is_spelled(name: str, country: str) -> None:
    found = places.anywhere(name)
    assert found is not None
    assert found.countries == frozenset({country})


@pytest.mark.parametrize("name", ["de", "prod", "useast1-fix", ""])
def test_a_word_is_no_region(name: str) -> None:
    assert places.anywhere(name) is None
