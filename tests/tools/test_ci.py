"""What `.ci/run` makes of the tests on a control plane, with commands that only end as they are told."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / ".ci" / "run"
FAKE = '#!/bin/sh\ncommand="$(basename "$0") $*"\necho "$command"\ncase "$command" in {cases}\nesac\n'


def run(folder: Path, minutes: str = "", **ends: str) -> subprocess.CompletedProcess[str]:
    """Run it in an empty project; `ends` says what the command with these words in it does. Words are joined by `_`."""
    (folder / ".ci").mkdir()
    (folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(RUN, folder / ".ci")
    cases = "".join(f'\n  *"{words.replace("_", " ")}") {does};;' for words, does in ends.items())
    for program in (folder / ".venv" / "bin" / name for name in ("python", "make", "go")):
        program.write_text(FAKE.format(cases=cases))
        program.chmod(0o755)
    environment = {"PATH": f"{folder / '.venv' / 'bin'}:{os.environ['PATH']}", "BLUEPRINT_E2E_MINUTES": minutes}
    return subprocess.run([folder / ".ci" / "run"], capture_output=True, text=True, env=environment)


def test_everything_runs_where_everything_can(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["test", "room", "registry", "30", "tests.e2e.probe", "e2e"]
    assert done.returncode == 0


@pytest.mark.parametrize(
    "ends",
    [{"lint_servers_test": "exit 1"}, {"make_e2e": "exit 2", "tests/e2e": "exit 2"}, {"probe": "exit 1"}],
    ids=["plain tests", "e2e tests", "a probe that crashes"],
)
def test_what_fails_fails_it(tmp_path: Path, ends: dict[str, str]) -> None:
    done = run(tmp_path, **ends)
    assert done.returncode != 0
    assert "NOT RUN" not in done.stdout


def test_what_fails_on_a_control_plane_is_tried_once_more(tmp_path: Path) -> None:
    done = run(tmp_path, make_e2e="exit 2")
    assert done.stdout.splitlines()[-2:] == ["==> once more: what failed", "python -m pytest --quiet --last-failed tests/e2e"]
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        ({"registry": "exit 1"}, "cannot be built here"),
        ({"--minutes_30": "exit 1"}, "not all built"),
        ({"probe_room": "exit 3"}, "not up to it"),
        ({"probe": "exit 3"}, "not up to it"),
        ({"make_e2e": "exit 124"}, "not through when time was up"),
    ],
    ids=["no compiler", "too slow a compiler", "too small", "no control plane", "too slow"],
)
def test_what_cannot_run_is_said_and_does_not_fail_it(tmp_path: Path, ends: dict[str, str], why: str) -> None:
    done = run(tmp_path, **ends)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("NOT RUN: make e2e")
    assert why in done.stdout.splitlines()[-1]


def test_it_can_be_left_out(tmp_path: Path) -> None:
    done = run(tmp_path, minutes="0")
    assert (done.returncode, done.stdout.count("\n"), "NOT RUN" in done.stdout) == (0, 2, True)
