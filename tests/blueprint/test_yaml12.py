"""What plain words in our YAML files are, as YAML 1.2 has it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from blueprint.environment.document import read
from blueprint.environment.yaml12 import Loader


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("07:00", "07:00"),
        ("1:30:00", "1:30:00"),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("-0b101", -5),
        ("30_000_000", 30_000_000),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        (".inf", float("inf")),
        ("1.2.3", "1.2.3"),
        ("2026-03-01", date(2026, 3, 1)),
        ('"3"', "3"),
        ("=", "="),
    ],
)
def test_a_plain_word_is_what_yaml_1_2_says(tmp_path: Path, written: str, meant: Any) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(f"a: {written}\n")
    document = read(file)
    assert document.problems == []
    assert (document.data["a"], type(document.data["a"])) == (meant, type(meant))


def test_the_nearest_anchor_of_a_name_is_meant(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: &x 1\nb: &x 2\nc: *x\n")
    assert read(file).data == {"a": 1, "b": 2, "c": 2}


def test_an_anchor_nobody_set_is_told_with_its_line() -> None:
    with pytest.raises(yaml.MarkedYAMLError, match="undefined alias") as raised:
        Loader("a: 1\nb: *x\n").get_single_node()
    assert raised.value.problem_mark is not None
    assert raised.value.problem_mark.line == 1


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000 + "a"])
def test_whatever_is_nested_too_deeply_is_an_error_and_not_the_end_of_the_process(text: str) -> None:
    with pytest.raises(RecursionError):
        Loader(text).get_single_node()


def test_a_tab_is_told_as_a_tab(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a:\n\tb: 1\n")
    (problem,) = read(file).problems
    assert (problem.line, problem.next) == (2, "indent with spaces, not tabs")
