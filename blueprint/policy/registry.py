"""Rules, found by folder: every `policies/**/rNN_*.py` beside this package holds one.

They are loaded from there whatever the working directory and PYTHONPATH hold: a change under review does not bring its own.
"""

import importlib
import importlib.util
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from blueprint.errors import BlueprintError
from blueprint.policy.rule import Rule

FOLDER = Path(__file__).resolve().parents[2] / "policies"
NAME = re.compile(r"r\d{2,3}_[a-z0-9_]+\.py")


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by id.

    Raises:
        BlueprintError: a file holds no rule or another one than its name says, or two share an id.
    """
    _take_our_own()
    found: dict[str, Rule] = {}
    for file in sorted(_files(), key=lambda file: file.name):
        rule = _rule_in(file)
        if rule.id in found:
            raise BlueprintError(f"{file}: {rule.id} is the id of another rule, too", "give one of them the next free number")
        found[rule.id] = rule
    return tuple(found[id] for id in sorted(found, key=lambda id: int(id[1:])))


def rule_files() -> dict[str, Path]:
    """The file of every rule, from the folder `policies/` on."""
    return {f"R{file.name[1 : file.name.index('_')]}": file.relative_to(FOLDER.parent) for file in _files()}


def _files() -> Iterator[Path]:
    return (file for file in FOLDER.rglob("r*.py") if NAME.fullmatch(file.name))


def _take_our_own() -> None:
    """Make `policies` the package beside this one, even where another is on the path."""
    known = sys.modules.get("policies")
    if known is not None and list(getattr(known, "__path__", [])) == [str(FOLDER)]:
        return
    spec = importlib.util.spec_from_file_location("policies", FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)])
    if spec is None or spec.loader is None or not FOLDER.is_dir():
        raise BlueprintError(f"there are no policies in {FOLDER}", "install the package again")
    for name in [name for name in sys.modules if name == "policies" or name.startswith("policies.")]:
        del sys.modules[name]
    module = importlib.util.module_from_spec(spec)
    sys.modules["policies"] = module
    spec.loader.exec_module(module)


def _rule_in(file: Path) -> Rule:
    name = ".".join(file.relative_to(FOLDER.parent).with_suffix("").parts)
    try:
        module = importlib.import_module(name)
    except Exception as error:
        raise BlueprintError(f"{file}: {type(error).__name__}: {error}", "a rule that cannot be loaded is a rule nobody runs") from error
    expected = f"R{file.name[1 : file.name.index('_')]}"
    found = [value for value in vars(module).values() if isinstance(value, Rule)]
    if [rule.id for rule in found] != [expected]:
        ids = ", ".join(rule.id for rule in found) or "none"
        raise BlueprintError(f"{file}: holds {ids} instead of {expected}", "one rule per file, named for its id")
    return found[0]
