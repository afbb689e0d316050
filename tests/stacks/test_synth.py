"""Synthesis gives the same bytes wherever and however often it runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stacks.conftest import ROOT, synthesize


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_two_runs_with_different_hash_seeds_give_the_same_bytes(tmp_path: Path) -> None:
    synthesize(tmp_path / "one", PYTHONHASHSEED="1")
    synthesize(tmp_path / "two", PYTHONHASHSEED="2")
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_a_checkout_elsewhere_gives_the_same_bytes_and_no_path_of_the_machine(tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where"
    for part in ("blueprint", "modules", "stacks", "catalog", "environments", "main.py", "cdktf.json"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        elsewhere.mkdir(exist_ok=True)
        copy(ROOT / part, elsewhere / part)
    env = {**os.environ, "CDKTF_OUTDIR": str(tmp_path / "there"), "PYTHONPATH": str(elsewhere)}
    subprocess.run([sys.executable, str(elsewhere / "main.py")], cwd=tmp_path, env=env, check=True, capture_output=True)
    synthesize(tmp_path / "here")
    assert files(tmp_path / "there") == files(tmp_path / "here")
    assert not [name for name, content in files(tmp_path / "here").items() if str(ROOT).encode() in content]


def test_cdktn_gives_what_cdktf_gives_but_for_its_version(tmp_path: Path) -> None:
    cdktf = synthesize(tmp_path / "cdktf", BLUEPRINT_ENGINE="cdktf")
    cdktn = synthesize(tmp_path / "cdktn", BLUEPRINT_ENGINE="cdktn")
    for stack in (*cdktf.values(), *cdktn.values()):
        stack["//"]["metadata"].pop("version")
    assert cdktf == cdktn


def test_only_the_environments_named_are_synthesized(tmp_path: Path) -> None:
    assert list(synthesize(tmp_path, "dev")) == ["dev"]


def test_the_foundation_layer_has_no_release(tmp_path: Path) -> None:
    stack = synthesize(tmp_path, "dev", BLUEPRINT_LAYER="foundation")["dev"]
    assert "helm_release" not in stack["resource"]
    assert "scaleway_registry_namespace" in stack["resource"]


def test_an_invalid_environment_is_refused_without_a_traceback(tmp_path: Path) -> None:
    environments = tmp_path / "environments"
    shutil.copytree(ROOT / "environments", environments)
    (environments / "dev.yaml").write_text("cluster: 3\n")
    shutil.copy(ROOT / "main.py", tmp_path)
    run = subprocess.run(
        [sys.executable, "main.py", "dev"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CDKTF_OUTDIR": str(tmp_path / "out")},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert "dev.yaml:1" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("engine", ["cdktf", "cdktn"])
def test_no_resource_lacks_its_construct_path(engine: str, tmp_path: Path) -> None:
    stack = synthesize(tmp_path, "dev", BLUEPRINT_ENGINE=engine)["dev"]
    paths = [arguments["//"]["metadata"]["path"] for kind in stack["resource"].values() for arguments in kind.values()]
    assert all(path.startswith("dev/") for path in paths)
