"""The tables of `catalog/residency/`: dated, sourced, fresh, and read by name."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from blueprint import residency_catalog as catalog
from blueprint.errors import BlueprintError

TABLES = sorted((catalog.FOLDER / "residency").glob("**/*.yaml"))


def undated(content: Any) -> bool:
    """Whether a table, or one of its entries, says neither where it is from nor when it was true."""
    if {"source", "as_of"} <= content.keys():
        return False
    return not all(isinstance(entry, dict) and {"source", "as_of"} <= entry.keys() for entry in content.values())


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_every_table_says_where_it_is_from_and_when_it_was_true(path: Path) -> None:
    assert not undated(yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader))


def test_no_table_is_stale_today_and_all_are_in_a_year() -> None:
    assert catalog.stale(date(2026, 11, 21)) == []
    found = catalog.stale(date(2027, 11, 21))
    assert {problem.file for problem in found} == {f"catalog/{path.relative_to(catalog.FOLDER).as_posix()}" for path in TABLES}
    assert {problem.severity for problem in found} == {"warning"}


def test_a_table_is_fresh_for_180_days() -> None:
    """Each as_of counts for itself: the oldest entry decides."""
    assert catalog.stale(date(2027, 5, 20)) == []
    countries = [problem for problem in catalog.stale(date(2027, 5, 21)) if problem.file.endswith("countries.yaml")]
    assert "181 days ago" in countries[0].message


def test_the_day_is_never_before_the_tables_own() -> None:
    assert catalog.today() >= date(2026, 11, 21)


def test_a_table_that_is_not_there_or_says_something_unknown_is_told() -> None:
    with pytest.raises(BlueprintError, match=r"residency/none\.yaml cannot be read"):
        catalog.table("residency/none.yaml")
    with pytest.raises(BlueprintError, match=r"catalog/x.yaml: FR: .*populaton"):
        catalog.entry(catalog.Country, "x.yaml", "FR", {"name": "France", "populaton": 68})


def test_every_service_s_operator_has_a_jurisdiction_with_a_name() -> None:
    assert {operator.jurisdiction for operator in catalog.operators().values()} <= catalog.countries().keys()


def test_the_eu_has_27_members_and_the_eea_three_more() -> None:
    assert len(catalog.members("eu")) == 27
    assert catalog.members("eea") == {"IS", "LI", "NO"}
    assert len(catalog.members("adequate")) == 15
