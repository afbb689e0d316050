"""The command line: what a person sees, exit codes, and never a traceback."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from blueprint import cli, upgrades
from blueprint.environment.schema import render
from tests.blueprint.command import Run

ROOT = Path(__file__).parents[2]
BROKEN = str(Path(__file__).parent / "data" / "broken.yaml")


def test_a_valid_environment_is_said_to_be_valid(run: Run) -> None:
    assert run("validate", "eu-prod") == (0, "1 environment valid\n", "")


def test_a_path_and_a_name_mean_the_same(run: Run) -> None:
    assert run("validate", "environments/eu-prod.yaml") == run("validate", "eu-prod")


def test_all_environments_are_validated_and_a_warning_does_not_fail(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrades, "today", lambda: date(2027, 6, 1))
    code, out, _ = run("validate", "--all")
    assert code == 0
    assert "cluster.kubernetes_version: warning: support of Kubernetes 1.36 on aks ends on 2027-06-30, in 29 days" in out


def test_findings_are_printed_and_counted_with_exit_code_1(run: Run) -> None:
    code, out, _ = run("validate", BROKEN)
    assert code == 1
    assert out.splitlines()[-1] == "21 errors, 2 warnings"


def test_findings_as_json(run: Run) -> None:
    code, out, _ = run("validate", BROKEN, "dev", "--format", "json")
    result = json.loads(out)
    assert code == 1
    assert (result["errors"], result["warnings"]) == (21, 2)
    assert [file["valid"] for file in result["files"]] == [False, True]
    assert set(result["files"][0]["problems"][0]) == {"file", "line", "path", "message", "allowed", "next", "severity"}


@pytest.mark.parametrize("arguments", [["validate"], ["validate", "dev", "--all"], ["validate", "--frobnicate"], ["sizes"]])
def test_wrong_use_is_exit_code_2(run: Run, arguments: list[str]) -> None:
    code, _, err = run(*arguments)
    assert code == 2
    assert "Error" in err


def test_an_unknown_environment_names_the_known_ones(run: Run) -> None:
    code, _, err = run("validate", "prod")
    assert code == 2
    assert "there is no environments/prod.yaml" in err
    assert "eu-prod" in err


def test_size_shows_every_term_and_the_flags(run: Run) -> None:
    code, out, _ = run("size", "eu-prod", "analysis")
    assert code == 0
    assert out.splitlines()[0] == "analysis: qwen3.5-27b in fp8 on 1 x h100-nvl: fits"
    assert "KV cache" in out
    assert "--max-model-len 32768" in out


def test_size_as_json_has_all_deployments(run: Run) -> None:
    code, out, _ = run("size", "eu-prod", "--format", "json")
    assert code == 0
    assert set(json.loads(out)) == {"analysis", "classify", "nightly"}


def test_size_of_an_unknown_deployment_names_the_known_ones(run: Run) -> None:
    code, _, err = run("size", "eu-prod", "analyse")
    assert code == 2
    assert "analysis, classify, nightly" in err


def test_size_of_a_broken_environment_tells_its_problems(run: Run) -> None:
    code, _, err = run("size", BROKEN)
    assert code == 1
    assert "data_residency.zone" in err


def test_the_schema_is_written_where_editors_look_for_it(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("schema", "--print") == (0, render(), "")
    monkeypatch.chdir(tmp_path)
    assert run("schema")[0] == 2
    (tmp_path / "environments").mkdir()
    assert run("schema") == (0, "wrote environments/environment.schema.json\n", "")
    assert (tmp_path / "environments" / "environment.schema.json").read_text() == render()


def test_an_interrupt_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blueprint.environment.loading.examine", _raise(KeyboardInterrupt()))
    assert run("validate", "dev") == (130, "", "interrupted\n")


def test_a_mistake_of_ours_asks_for_a_report_and_says_where(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blueprint.environment.loading.examine", _raise(ZeroDivisionError("oops")))
    code, _, err = run("validate", "dev")
    assert code == 2
    assert "mistake of ours at test_cli.py:" in err
    assert "ZeroDivisionError: oops" in err


def test_debugging_shows_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("BLUEPRINT_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["blueprint", "validate", "dev"])
    monkeypatch.setattr("blueprint.environment.loading.examine", _raise(ZeroDivisionError("oops")))
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_it_runs_as_a_module_from_a_folder_of_its_own(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "environments", tmp_path / "environments")
    command = [sys.executable, "-m", "blueprint", "validate", "eu-prod"]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 environment valid" in done.stdout


def _raise(error: BaseException) -> Callable[..., None]:
    def raiser(*_: object) -> None:
        raise error

    return raiser
