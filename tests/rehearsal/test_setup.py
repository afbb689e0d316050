"""What a clean clone is set up from: locks with hashes, and nothing that names a package index."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from blueprint.rehearsal.mirror import PROJECT

LOCKS = sorted((PROJECT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_has_hashes(lock: Path) -> None:
    pins = re.split(r"\n(?=[A-Za-z0-9])", lock.read_text())
    assert all("--hash=sha256:" in pin for pin in pins)


def test_the_smaller_lock_is_part_of_the_larger() -> None:
    pins = {lock.stem: set(re.findall(r"^([\w.-]+==\S+)", lock.read_text(), re.MULTILINE)) for lock in LOCKS}
    assert pins["main"] <= pins["dev"]
    assert not pins["terraform"] & pins["dev"]


@pytest.mark.parametrize("file", [*LOCKS, PROJECT / ".npmrc"], ids=lambda file: file.name)
def test_no_lock_holds_an_address(file: Path) -> None:
    assert "://" not in file.read_text()


def test_npm_packages_are_pinned_by_hash_and_not_by_address() -> None:
    packages = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    fetched = [package for name, package in packages.items() if name and not package.get("inBundle")]
    assert fetched
    assert all("integrity" in package and "resolved" not in package for package in fetched)


def test_both_command_lines_are_pinned_and_the_app_runs_from_a_clean_clone() -> None:
    packages, lock = (json.loads((PROJECT / name).read_text()) for name in ("package.json", "package-lock.json"))
    assert lock["packages"][""]["dependencies"] == packages["dependencies"] == {"cdktf-cli": "0.21.0", "cdktn-cli": "0.24.0"}
    settings = json.loads((PROJECT / "cdktf.json").read_text())
    assert settings["app"] == ".venv/bin/python main.py"
    assert settings["sendCrashReports"] == "false"


def test_make_help_names_the_two_commands() -> None:
    told = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert "make rehearse" in told
    assert "make test" in told
