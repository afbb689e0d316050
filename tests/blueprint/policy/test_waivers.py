"""Waivers are narrow, short, approved by somebody else, and always seen."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from blueprint.policy import waivers
from blueprint.policy.evaluation import judge
from blueprint.policy.report import Result, Waived
from tests.blueprint.policy.picture import PERSONAL, account, by_color, facts

TODAY = date.today()
GOOD = {
    "rule": "R99",
    "address": "cloud_account.a",
    "reason": "repainted next week, change 4711",
    "owner": "platform@acme.example",
    "approver": "dpo@acme.example",
    "expires": str(TODAY + timedelta(days=30)),
}


def results(*names: str) -> list[Result]:
    return [result for name in names for result in judge(facts(account("a", color="red"), name=name), PERSONAL, [by_color()])[0]]


def applied(folder: Path, *entries: dict[str, str], found: list[Result] | None = None) -> tuple[list[Result], list[Waived]]:
    file = folder / "waivers.yaml"
    lines = ["# decided in the weekly review"]
    for entry in entries:
        lines += [f"{'-' if index == 0 else ' '} {key}: {value!r}" for index, (key, value) in enumerate(entry.items())]
    file.write_text("\n".join(lines) + "\n")
    return waivers.apply(waivers.load(file), results("eu-prod") if found is None else found)


def test_a_waived_failure_no_longer_counts_and_is_still_reported(tmp_path: Path) -> None:
    left, waived = applied(tmp_path, GOOD)
    assert left == []
    assert waived[0].as_dict()["status"] == "FAIL"
    assert waived[0].as_dict()["approver"] == "dpo@acme.example"


def test_the_construct_path_names_a_place_too(tmp_path: Path) -> None:
    left, waived = applied(tmp_path, {**GOOD, "address": "eu-prod/a"})
    assert (left, len(waived)) == ([], 1)


REFUSED = {
    "expired": ({"expires": str(TODAY - timedelta(days=1))}, "expired on"),
    "too long": ({"expires": str(TODAY + timedelta(days=91))}, "more than 90 days ahead"),
    "approved by its owner": ({"approver": "Platform@acme.example"}, "cannot approve a waiver of their own"),
    "a wildcard in the address": ({"address": "cloud_account.*"}, "no wildcards"),
    "a wildcard for a rule": ({"rule": "R*"}, "is not the id of one rule"),
    "what could not be read": ({"rule": "R00"}, "cannot be waived"),
    "no reason": ({"reason": "  "}, "at least 1 character"),
    "an unknown key": ({"forever": "yes"}, "not permitted"),
    "a failure there is not": ({"address": "cloud_account.b"}, "matches no failure"),
    "a rule that is kept": ({"rule": "R98"}, "matches no failure"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_waiver_that_does_not_hold_is_a_failure_with_its_line(case: str, tmp_path: Path) -> None:
    change, message = REFUSED[case]
    left, waived = applied(tmp_path, {**GOOD, **change})
    assert waived == []
    said = [result for result in left if result.rule == "R00"]
    assert said, "the waiver is told"
    assert said[0].address == f"{tmp_path / 'waivers.yaml'}:2"
    assert message in said[0].why
    assert [result for result in left if result.rule == "R99"], "what it should have waived still counts"


def test_one_waiver_is_for_one_place(tmp_path: Path) -> None:
    left, waived = applied(tmp_path, GOOD, found=results("eu-prod", "dev"))
    assert waived == []
    assert "matches in dev, eu-prod" in left[-1].why


@pytest.mark.parametrize("content", ["{", "5", "", "waivers: 3"])
def test_a_file_that_is_no_list_of_waivers_is_a_failure(content: str, tmp_path: Path) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(content)
    left, _ = waivers.apply(waivers.load(file), [])
    assert [result.counts for result in left] == [True]


def test_a_file_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    assert waivers.load(tmp_path / "gone.yaml")[1]
