"""Rules are found by folder, one per file, each under its own id; nobody else's are taken."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from blueprint.errors import BlueprintError
from blueprint.policy import registry

RULE = '''"""Why."""
from blueprint.policy import rule
@rule("{id}", "t", looks_at=["x"], basis="b")
def check(resource, scope):
    return ()
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of policies of its own, and the real one back afterwards."""
    place = tmp_path / "policies"
    (place / "area").mkdir(parents=True)
    (place / "__init__.py").touch()
    (place / "area" / "__init__.py").touch()
    monkeypatch.setattr(registry, "FOLDER", place)
    registry.rules.cache_clear()
    yield place
    monkeypatch.undo()
    registry.rules.cache_clear()
    registry.rules()


def test_a_new_file_is_a_new_rule(folder: Path) -> None:
    (folder / "area" / "r101_new.py").write_text(RULE.format(id="R101"))
    (folder / "area" / "r99_old.py").write_text(RULE.format(id="R99"))
    (folder / "area" / "helpers.py").write_text("raise SystemExit('not a rule')")
    assert [(rule.id, rule.why) for rule in registry.rules()] == [("R99", "Why."), ("R101", "Why.")]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"r99_a.py": RULE.format(id="R98")}, "holds R98 instead of R99"),
        ({"r99_a.py": "x = 1"}, "holds none instead of R99"),
        ({"r99_a.py": "import nothing_of_that_name"}, "ModuleNotFoundError"),
        ({"r99_a.py": RULE.format(id="R99"), "r99_b.py": RULE.format(id="R99")}, "is the id of another rule"),
    ],
)
def test_a_rule_nobody_would_run_is_refused(files: dict[str, str], message: str, folder: Path) -> None:
    for name, content in files.items():
        (folder / "area" / name).write_text(content)
    with pytest.raises(BlueprintError, match=message):
        registry.rules()


def test_ids_are_unique_and_every_rule_says_why_by_which_law_and_for_which_control() -> None:
    rules = registry.rules()
    assert len({rule.id for rule in rules}) == len(rules)
    assert [rule.id for rule in rules if not (rule.why and rule.basis and rule.controls and rule.looks_at)] == []
    assert set(registry.rule_files()) == {rule.id for rule in rules}
