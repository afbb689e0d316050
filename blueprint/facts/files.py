"""Files beside a stack: read with care, and each of them something to be judged."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from blueprint.errors import Problem
from blueprint.facts.documents import BrokenDocument, load_json
from blueprint.facts.model import Resource
from blueprint.facts.values import Unknown

LARGEST = 500_000_000
# What Terraform and cdktf keep for themselves while they work; nothing in there is configuration.
CACHES = frozenset((".terraform",))
KINDS = (
    ("override", re.compile(r"(?:.*_)?override\.(?:tf|tofu)(?:\.json)?")),
    ("terraform", re.compile(r".*\.tf\.json")),
    ("hcl", re.compile(r".*\.(?:tf|hcl|tofu|tofu\.json)")),
    ("variables", re.compile(r".*\.tfvars(?:\.json)?")),
    ("state", re.compile(r".*\.tfstate(?:\..*)?")),
    ("settings", re.compile(r"\.?terraform\.?rc|\.envrc|\.env(?:\..*)?|.*\.env")),
    ("checkov", re.compile(r"\.checkov\.ya?ml")),
)
_ASSIGNED = re.compile(r'^\s*"?([\w-]+)"?\s*=', re.MULTILINE)
# Lines of a tfvars file that need no parser: blank, a comment, a name with a plain text.
_PLAIN = re.compile(r'\s*(?:(?:#|//).*)?|\s*([\w-]+)\s*=\s*"([^"\\$%{}]*)"\s*(?:(?:#|//).*)?')


class Unreadable(ValueError):
    """A file that is no text, or is not there."""


def read_text(path: Path) -> str:
    """A file's text.

    Raises:
        Unreadable: it is missing, too large, binary or empty.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise Unreadable("is larger than 500 MB")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("is no UTF-8 text") from None
    except (OSError, ValueError) as error:
        raise Unreadable(str(getattr(error, "strerror", None) or error)) from None
    if not text.strip() or "\0" in text:
        raise Unreadable("is no text" if text.strip() else "is empty")
    return text


def read_json(path: Path, file: str) -> tuple[Any, str, list[Problem]]:
    """A JSON file's document and text, or what is wrong with it."""
    try:
        text = read_text(path)
        return load_json(text), text, []
    except Unreadable as error:
        return None, "", [Problem(file, 0, "", str(error))]
    except BrokenDocument as error:
        return None, "", [Problem(file, error.line, "", str(error))]


def files_of(folder: Path, own: Collection[str]) -> Iterator[Resource]:
    """Every file below a stack's folder as a resource of type `file`, what is the stack itself and manifests excepted."""
    for path in below(folder):
        name = path.relative_to(folder).as_posix()
        if name not in own and not name.startswith("manifests/"):
            attributes = {"name": name, "kind": "link" if path.is_symlink() else kind_of(path.name)}
            yield Resource("file", f"file.{name}", attributes, attributes, file=name)


def below(folder: Path) -> Iterator[Path]:
    """Every file below a folder, links as they are."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for path in entries:
        if path.is_dir() and not path.is_symlink():
            yield from below(path) if path.name not in CACHES else ()
        else:
            yield path


def kind_of(name: str) -> str:
    """What a file is to Terraform or checkov; `lock` is the providers' lock, `other` anything else."""
    if name == ".terraform.lock.hcl":
        return "lock"
    return next((kind for kind, pattern in KINDS if pattern.fullmatch(name)), "other")


def given_variables(folder: Path) -> tuple[dict[str, Any], list[Problem]]:
    """Values of variables from the files Terraform loads by itself, in its order: they beat defaults."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for path in automatic(folder):
        values, wrong = _variables(path)
        found.update(values)
        problems += wrong
    return found, problems


def automatic(folder: Path) -> list[Path]:
    """The files of variables that Terraform loads by itself, in its order."""
    own = [folder / "terraform.tfvars", folder / "terraform.tfvars.json"]
    others = sorted([*folder.glob("*.auto.tfvars"), *folder.glob("*.auto.tfvars.json")])
    return [path for path in [*own, *others] if path.is_file()]


def _variables(path: Path) -> tuple[Mapping[str, Any], list[Problem]]:
    if path.suffix == ".json":
        document, _, problems = read_json(path, path.name)
        return (document if isinstance(document, Mapping) else {}), problems
    try:
        text = read_text(path)
    except Unreadable as error:
        return {}, [Problem(path.name, 0, "", str(error))]
    lines = [_PLAIN.fullmatch(line) for line in text.splitlines()]
    if all(lines):
        return {line[1]: line[2] for line in lines if line and line[1]}, []
    names = _ASSIGNED.findall(text)
    return {name: Unknown(f"set in {path.name}") for name in names}, []
