"""Two thousand broken environment files: each is refused with file, line and path, and nothing is written.

Every file is a shipped environment with one to three mistakes planted at places drawn at random, each of a kind that no
schema forgives: an unknown key, a value of the wrong kind, a required key left out. A second test damages the text itself.
"""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blueprint import cli
from blueprint.environment.document import Place, read, show
from blueprint.environment.schema import schema

ROOT = Path(__file__).parents[2]
SHIPPED = {path.stem: path.read_text() for path in sorted((ROOT / "environments").glob("*.yaml"))}
DATA = {name: read(ROOT / "environments" / f"{name}.yaml").data for name in SHIPPED}
UNKNOWN = "zz_unknown"
SLOW = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


def places(data: Any, place: Place = ()) -> Iterator[Place]:
    """Every place below a value."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, item in inside:
        yield (*place, step)
        yield from places(item, (*place, step))


def at(data: Any, place: Place) -> Any:
    for step in place:
        data = data[step]
    return data


def spoil(data: Any, place: Place, mistake: str) -> Place:
    """Plant a mistake; returns the place that must be complained about."""
    around, last = at(data, place[:-1]), place[-1]
    if mistake == "required" and len(place) == 1 and last in schema()["required"]:
        del around[last]
    elif mistake == "unknown" and isinstance(around[last], dict):
        around[last][UNKNOWN] = 1
        return (*place, UNKNOWN)
    else:
        around[last] = 3.5 if isinstance(around[last], dict | list) else {UNKNOWN: [1]}
    return place


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, list[Place]]:
    """The text of a broken file, and the places of its mistakes."""
    data = yaml.safe_load(yaml.safe_dump(DATA[draw(st.sampled_from(sorted(DATA)))]))
    planted: list[Place] = []
    for mistake in draw(st.lists(st.sampled_from(["required", "unknown", "kind"]), min_size=1, max_size=3)):
        apart = [place for place in places(data) if not any(_touches(place, other) for other in planted)]
        planted.append(spoil(data, draw(st.sampled_from(apart)), mistake))
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True), planted


def _touches(one: Place, other: Place) -> bool:
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def validate(file: Path) -> tuple[int, str]:
    """`blueprint validate FILE --format json` as a person starts it: exit code and all it printed."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        patch.setattr(sys, "argv", ["blueprint", "validate", str(file), "--format", "json"])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
    assert err.getvalue() == ""
    return int(stopped.value.code or 0), out.getvalue()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("broken") / "broken.yaml"


@given(drawn=broken())
@settings(SLOW, max_examples=2000)
def test_a_broken_file_is_refused_with_file_line_and_path_and_nothing_is_written(file: Path, drawn: tuple[str, list[Place]]) -> None:
    text, planted = drawn
    file.write_text(text)
    code, out = validate(file)
    problems = [problem for problem in json.loads(out)["files"][0]["problems"] if problem["severity"] == "error"]
    assert code == 1
    assert not [place for place in planted if not any(_names(problem["path"], place) for problem in problems)]
    for problem in problems:
        assert problem["file"] == str(file)
        assert problem["path"]
        assert problem["message"]
        assert _is_there(problem, text), problem
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def _names(path: str, place: Place) -> bool:
    """Whether a complaint is about a place or about what it lies in: a refused union is refused as a whole."""
    return any(path == show(place[:length]) for length in range(1, len(place) + 1)) or path.startswith(show(place))


def _is_there(problem: dict[str, Any], text: str) -> bool:
    """Whether the line named holds the key named, or one around it; a key that is missing at the top is told on line 1."""
    if problem["path"] in schema()["required"] and f"\n{problem['path']}:" not in f"\n{text}":
        return bool(problem["line"] == 1)
    line = text.splitlines()[problem["line"] - 1]
    return any(step.rstrip("]").split("[")[0] in line for step in problem["path"].split(".")) or line.lstrip().startswith("- ")


@given(
    name=st.sampled_from(sorted(SHIPPED)),
    where=st.floats(0, 1),
    what=st.sampled_from(["\t", "[", "{", "'", ": :", "\0", "&a *a", "<<: 1", "- "]),
)
@settings(SLOW, max_examples=200)
def test_a_damaged_text_is_either_valid_or_refused_with_its_file(file: Path, name: str, where: float, what: str) -> None:
    text = SHIPPED[name]
    position = int(where * len(text))
    file.write_text(text[:position] + what + text[position:])
    code, out = validate(file)
    errors = [problem for problem in json.loads(out)["files"][0]["problems"] if problem["severity"] == "error"]
    assert code == (1 if errors else 0)
    assert all(problem["file"] == str(file) and problem["message"] for problem in errors)
    assert "Traceback" not in out


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"- 1\n", b"a: b: c\n", b"\0\0", b"x: &x [*x]\n", b"[" * 5000])
def test_what_is_no_environment_at_all_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    code, out = validate(file)
    assert code == 1
    assert json.loads(out)["files"][0]["problems"][0]["file"] == str(file)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    code, out = validate(tmp_path / "absent.yaml")
    assert code == 1
    assert "cannot be read" in out
