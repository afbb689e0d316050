"""The catalogue: complete, dated, and honest about what it does not know."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from blueprint.catalog import FOLDER, load_catalog
from blueprint.environment.loading import load
from blueprint.errors import BlueprintError

FILES = sorted(FOLDER.glob("*/*.yaml"))
CATALOG = load_catalog()


def figures_without_source(node: Any, place: str, sourced: bool) -> Iterator[str]:
    if isinstance(node, dict):
        sourced = sourced or bool(node.get("source") and node.get("as_of"))
        for key, value in node.items():
            if key not in ("source", "as_of", "version"):
                yield from figures_without_source(value, f"{place}.{key}", sourced)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from figures_without_source(value, f"{place}[{index}]", sourced)
    elif isinstance(node, int | float) and not isinstance(node, bool) and not sourced:
        yield place


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_figure_has_a_source_and_a_date(path: Path) -> None:
    assert list(figures_without_source(yaml.safe_load(path.read_text()), path.stem, sourced=False)) == []


def test_the_walk_over_figures_finds_one_without_source() -> None:
    entries = {"a": {"memory_gib": 80, "source": "log", "as_of": 2026}, "b": {"prices": [{"amount": 2}]}}
    assert list(figures_without_source(entries, "gpus", sourced=False)) == ["gpus.b.prices[0].amount"]


def test_prices_carry_their_own_source_whatever_surrounds_them() -> None:
    prices = [price for cloud in CATALOG.providers.values() for machine in cloud.instances.values() for price in machine.prices]
    assert prices
    assert all(price.source and price.as_of for price in prices)


def test_gpus_sold_under_one_number_are_different_ones() -> None:
    names = {"h100-nvl", "h100-pcie", "h100-sxm", "h200-sxm", "a100-40", "a100-80", "l40s"}
    assert names <= set(CATALOG.gpus)
    assert CATALOG.gpus["h100-nvl"].memory_gib > CATALOG.gpus["h100-sxm"].memory_gib


def test_a_driver_reports_less_memory_than_is_sold() -> None:
    assert all(0.9 * gpu.marketing_gb < gpu.memory_gib < gpu.marketing_gb for gpu in CATALOG.gpus.values())


def test_dev_is_on_the_cheapest_machine_with_a_gpu() -> None:
    """As its file says. Euros and dollars are compared as they stand: the next machine costs half as much again and more."""
    machines = [machine for cloud in CATALOG.providers.values() for machine in cloud.instances.values() if machine.gpu and machine.prices]
    cheapest, second, *_ = sorted((min(price.amount for price in machine.prices), machine.name) for machine in machines)
    (pool,) = load(FOLDER.parent / "environments" / "dev.yaml").cluster.gpu_pools.values()
    assert pool.instance == cheapest[1]
    assert second[0] > 1.5 * cheapest[0]


def test_the_h100_of_azure_is_the_nvl() -> None:
    machine = CATALOG.providers["azure"].instances["Standard_NC40ads_H100_v5"]
    assert (machine.gpu, machine.gpus, machine.vcpus, machine.memory_gib) == ("h100-nvl", 1, 40, 320)


def test_every_name_points_to_an_entry() -> None:
    for cloud in CATALOG.providers.values():
        assert {machine.gpu for machine in cloud.instances.values() if machine.gpu} <= set(CATALOG.gpus)
        assert {region.country for region in cloud.regions.values()} <= set(CATALOG.countries)
        assert {region.pair for region in cloud.regions.values() if region.pair} <= set(cloud.regions)
    assert {api.provider for api in CATALOG.apis.values()} <= set(CATALOG.providers)


def test_h100s_were_seen_in_three_regions_and_nobody_looked_elsewhere() -> None:
    regions = CATALOG.providers["azure"].regions.values()
    seen = {region.name for region in regions if region.evidence("NCadsH100v5").status == "evidence"}
    assert seen == {"westeurope", "spaincentral", "italynorth"}
    assert {region.evidence("NCadsH100v5").status for region in regions} == {"evidence", "unverified"}


def test_no_region_in_the_eu_replicates_to_a_country_outside() -> None:
    regions = CATALOG.providers["azure"].regions
    eu = [region for region in regions.values() if CATALOG.countries[region.country].membership == "eu"]
    assert all(CATALOG.countries[regions[region.pair].country].membership == "eu" for region in eu if region.pair)


def test_a_broken_file_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "gpus").mkdir()
    (tmp_path / "gpus" / "nvidia.yaml").write_text("h100: {label: [")
    with pytest.raises(BlueprintError, match=r"gpus/nvidia\.yaml"):
        load_catalog(tmp_path).gpus  # noqa: B018


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gpus").mkdir()
    (tmp_path / "gpus" / "nvidia.yaml").write_text("h100: {label: H100}\nh100: {label: H100 NVL}\n")
    with pytest.raises(BlueprintError, match=r"gpus/nvidia\.yaml in the catalogue cannot be read: the key h100 is there twice"):
        load_catalog(tmp_path).gpus  # noqa: B018


def test_an_unknown_key_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "gpus").mkdir()
    (tmp_path / "gpus" / "nvidia.yaml").write_text("h100: {colour: green}")
    with pytest.raises(BlueprintError, match=r"gpus\.h100\.colour"):
        load_catalog(tmp_path).gpus  # noqa: B018


def test_every_file_of_the_catalogue_says_only_what_it_may() -> None:
    """Entries are read when somebody asks for them: here somebody asks for all."""
    read = {kind: len(list(getattr(CATALOG, kind).values())) for kind in ("models", "providers", "apis", "engines", "gpus", "countries")}
    assert all(read.values()), read
    assert {model.name for model in CATALOG.models.values()} == {path.stem for path in FOLDER.glob("models/*.yaml")}


def test_an_entry_that_is_a_file_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "tiny.yaml").write_text("label: Tiny\ncolour: green\n")
    catalog = load_catalog(tmp_path)
    assert "tiny" in catalog.models, "which needs no reading"
    with pytest.raises(BlueprintError, match=r"models\.tiny\.colour"):
        catalog.models["tiny"]
