"""What a command loads before it answers: whatever it does not need would be most of what a person waits for."""

import pkgutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from blueprint import cli
from blueprint.cli import commands

ROOT = Path(__file__).parents[2]
LOADED = """
import atexit, sys
sys.argv = ["blueprint", *sys.argv[1:]]
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
from blueprint.cli import main
main()
"""
FILES = [found.name for found in pkgutil.iter_modules(commands.__path__)]
TYPER = {"typer", "annotated_doc", "shellingham"}
PYDANTIC = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"}
YAML = {"yaml", "cython_runtime"}
ANSWERS = (
    ("size", "eu-prod"),
    ("capacity", "eu-prod"),
    ("cost", "eu-prod"),
    ("cost", "claims"),
    ("recommend", "eu-prod"),
    ("validate", "eu-prod"),
)


def loaded(*words: str) -> set[str]:
    """The modules a command has loaded when it ends, ours and libraries'. Findings (exit code 1) are answers too."""
    done = subprocess.run([sys.executable, "-c", LOADED, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return set(done.stderr.splitlines()[-1].split())


def libraries(modules: Iterable[str]) -> set[str]:
    """Those among them that neither Python nor we bring."""
    names = {module.partition(".")[0] for module in modules}
    return {name for name in names - {"blueprint", "sitecustomize"} - sys.stdlib_module_names if not name.startswith("_")}


def test_help_loads_neither_yaml_nor_pydantic() -> None:
    assert libraries(loaded("--help")) <= TYPER


@pytest.mark.parametrize("words", ANSWERS, ids=" ".join)
def test_an_answer_loads_three_libraries_and_what_they_are_made_of(words: tuple[str, ...]) -> None:
    assert libraries(loaded(*words)) <= TYPER | PYDANTIC | YAML


def test_a_report_needs_templates_too(tmp_path: Path) -> None:
    found = libraries(loaded("report", "eu-prod", "--output", str(tmp_path / "report.html")))
    assert found <= TYPER | PYDANTIC | YAML | {"jinja2", "markupsafe"}


def test_sizes_need_nothing_that_only_other_answers_do() -> None:
    others = ("capacity", "monitoring", "policy", "recommendation", "report", "throughput", "whereabouts", "workload")
    found = loaded("size", "eu-prod")
    assert "blueprint.sizing" in found
    assert [name for name in others if f"blueprint.{name}" in found] == []


def test_a_command_loads_no_other_command() -> None:
    assert {name for name in loaded("size", "eu-prod") if name.startswith("blueprint.cli.commands.")} == {"blueprint.cli.commands.size"}


@pytest.mark.parametrize("file", FILES)
def test_a_command_is_found_by_the_name_of_its_file(file: str) -> None:
    name = file.replace("_", "-")
    group = typer.main.get_command(cli.command_line([name]))
    assert isinstance(group, TyperGroup)
    assert list(group.commands) == [name]


def test_no_garbage_is_looked_for_at_the_end() -> None:
    """What is registered before our imports runs after what they register."""
    program = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count())); import blueprint.cli"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 0


def test_what_is_no_command_is_answered_with_all_of_them() -> None:
    group = typer.main.get_command(cli.command_line(["sizes"]))
    assert isinstance(group, TyperGroup)
    assert sorted(group.commands) == sorted(file.replace("_", "-") for file in FILES)
