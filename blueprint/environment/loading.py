"""From a YAML file to an `Environment`, or to all that is wrong with it at once.

What pydantic refuses is left out and the cross-checks (`checks`) look at the rest, so that a person sees mistakes of form
and of meaning together.
"""

from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from blueprint.environment import Environment, checks
from blueprint.environment.base import Section
from blueprint.environment.document import Document, read, show
from blueprint.environment.wording import discriminator, tell
from blueprint.errors import BlueprintError, EnvironmentInvalid, Problem

ABSENT = object()
ENVIRONMENT_NAME = "lower-case letters, digits and hyphens, starting with a letter, at most 12"


def load(path: Path) -> Environment:
    """Read one environment file.

    Raises:
        EnvironmentInvalid: with every problem of the file; warnings alone do not stop it.
    """
    environment, problems = examine(path)
    if environment is None or any(problem.severity == "error" for problem in problems):
        raise EnvironmentInvalid(problems)
    return environment


def load_all(folder: Path) -> dict[str, Environment]:
    """Every environment of a folder, by name.

    Raises:
        EnvironmentInvalid: with the problems of all files.
        BlueprintError: there is no environment.
    """
    examined = {path.stem: examine(path) for path in files(folder)}
    problems = [problem for _, found in examined.values() for problem in found]
    if any(problem.severity == "error" for problem in problems):
        raise EnvironmentInvalid(problems)
    return {name: environment for name, (environment, _) in examined.items() if environment is not None}


def files(folder: Path) -> list[Path]:
    """The environment files of a folder.

    Raises:
        BlueprintError: there is none.
    """
    found = sorted(folder.glob("*.yaml"))
    if not found:
        raise BlueprintError(f"no environment in {folder}/", "create one: docs/how-to/add-an-environment.md")
    return found


def examine(path: Path) -> tuple[Environment | None, list[Problem]]:
    """Everything to be said about a file, in the order of its lines, and the environment if it has no errors."""
    document = read(path)
    environment = None
    if document.data is not None:
        environment = _check(document, path.stem)
    problems = sorted(document.problems, key=lambda problem: (problem.line, problem.path))
    refused = any(problem.severity == "error" for problem in problems)
    return None if refused else environment, problems


def _check(document: Document, name: str) -> Environment:
    data = {**document.data, "name": name}
    if "name" in document.data:
        document.problem(("name",), "an environment is named by its file", next="remove this key")
    try:
        environment = Environment.model_validate(data)
    except ValidationError as error:
        _tell_all(document, error)
        data = _with_kinds_that_fit_best(data, error)
        _tell_all(document, _complaints(data))
        environment = cast(Environment, _partial(Environment, data))
    told = document.told()
    for finding in checks.run(environment):
        if show(finding.place) not in told:
            document.problem(finding.place, finding.message, finding.allowed, finding.next, severity=finding.severity)
    return environment


def _with_kinds_that_fit_best(data: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """Sections whose kind (`target: eks`) is unknown, read as the kind that leaves the least to complain about: a wrong tag then
    hides no other mistake."""
    for details in error.errors(include_url=False):
        if details["type"].startswith("union_tag"):
            place, tag, kinds = discriminator(details["loc"])
            candidates = [_replaced(data, (*place, tag), kind) for kind in kinds]
            data = min(candidates, key=lambda candidate: _number(_complaints(candidate)))
    return data


def _replaced(data: Any, place: Sequence[str | int], value: Any) -> Any:
    """A copy with one value changed."""
    if not place:
        return value
    first, *rest = place
    if isinstance(data, list):
        return [_replaced(item, rest, value) if index == first else item for index, item in enumerate(data)]
    return {**data, first: _replaced(data.get(first), rest, value)}


def _complaints(data: dict[str, Any]) -> ValidationError | None:
    try:
        Environment.model_validate({**data, "name": "named"})
    except ValidationError as error:
        return error
    return None


def _number(error: ValidationError | None) -> int:
    return error.error_count() if error else 0


def _tell_all(document: Document, error: ValidationError | None) -> None:
    """Once per place: what YAML could not read needs no second complaint."""
    told = document.told()
    for details in error.errors(include_url=False) if error else ():
        if details["loc"] == ("name",):
            document.problem((), f"{details['input']!r} is no name for an environment", ENVIRONMENT_NAME, "rename the file")
        else:
            tell(document, details, told)


def _partial(section: type[Section], data: dict[str, Any]) -> Section:
    """A section of what is acceptable. Reading a field that is not there raises AttributeError."""
    values: dict[str, Any] = {}
    for name, field in section.model_fields.items():
        if name in data:
            values[name] = _acceptable(Annotated[field.annotation, field], data[name])
        elif not field.is_required():
            values[name] = field.get_default(call_default_factory=True)
    partial = section.model_construct(**values)
    for name in section.model_fields:
        if values.get(name, ABSENT) is ABSENT:
            partial.__dict__.pop(name, None)
    return partial


def _acceptable(kind: Any, value: Any) -> Any:
    """`value` as `kind`, as much of it as is acceptable, or ABSENT."""
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError:
        if not isinstance(value, dict):
            return ABSENT
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) is dict:
        key_kind, item_kind = get_args(kind)
        return _acceptable_entries(key_kind, item_kind, value)
    for member in get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,):
        if isinstance(member, type) and issubclass(member, Section) and _is_meant(member, value):
            return _partial(member, value)
    return ABSENT


def _acceptable_entries(key_kind: Any, item_kind: Any, value: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in value if _acceptable(key_kind, name) is not ABSENT]
    entries = {name: _acceptable(item_kind, value[name]) for name in names}
    if isinstance(item_kind, type) and issubclass(item_kind, Section):  # a refused entry still has its name
        return {name: _partial(item_kind, {}) if entry is ABSENT else entry for name, entry in entries.items()}
    return {name: entry for name, entry in entries.items() if entry is not ABSENT}


def _is_meant(member: type[Section], value: dict[str, Any]) -> bool:
    """Whether a mapping carries the tags (`target: aks`) of this member of a union."""
    tags = {name: field for name, field in member.model_fields.items() if name in ("target", "backend")}
    return all(_acceptable(field.annotation, value.get(name, field.default)) is not ABSENT for name, field in tags.items())
