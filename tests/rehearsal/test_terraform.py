"""Which Terraform is used, and what is said when none can be."""

from pathlib import Path

import pytest

from blueprint import terraform
from blueprint.errors import BlueprintError


def program(folder: Path, name: str, answer: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{answer}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No Terraform anywhere; the shell stays."""
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("sys.executable", str(tmp_path / "venv" / "python"))


def test_the_one_asked_for_goes_first(tmp_path: Path) -> None:
    program(tmp_path / "bin", "terraform", "Terraform v1.14.0")
    asked = program(tmp_path, "mine", "Terraform v1.11.2")
    assert terraform.find(str(asked)).path == asked


def test_the_variable_of_cdktf_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = program(tmp_path, "tf", "Terraform v1.12.0")
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(chosen))
    assert terraform.find().path == chosen


def test_an_old_terraform_is_passed_over_for_a_current_opentofu(tmp_path: Path) -> None:
    program(tmp_path / "bin", "terraform", "Terraform v1.5.7")
    program(tmp_path / "bin", "tofu", "OpenTofu v1.12.6")
    found = terraform.find()
    assert (found.product, found.version, found.registry) == ("OpenTofu", "1.12.6", "registry.opentofu.org")


def test_the_one_beside_our_python_is_the_last_resort(tmp_path: Path) -> None:
    ours = program(tmp_path / "venv", "terraform", "Terraform v1.15.5")
    assert terraform.find().path == ours


def test_an_old_one_asked_for_is_refused(tmp_path: Path) -> None:
    old = program(tmp_path, "old", "Terraform v1.5.7")
    with pytest.raises(BlueprintError, match=r"is 1\.5\.7; write-only arguments need 1\.11"):
        terraform.find(str(old))


def test_a_name_that_is_no_program_is_refused() -> None:
    with pytest.raises(BlueprintError, match="--terraform: /nowhere/terraform is not a program"):
        terraform.find("/nowhere/terraform")


def test_without_any_the_message_says_what_was_seen_and_what_to_do(tmp_path: Path) -> None:
    program(tmp_path / "bin", "terraform", "Terraform v1.10.5")
    with pytest.raises(BlueprintError, match=r"no Terraform or OpenTofu >= 1\.11 found \(.*terraform is 1\.10\.5\)") as error:
        terraform.find()
    assert "make terraform" in error.value.next_step
