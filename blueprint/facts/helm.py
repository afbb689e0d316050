"""Helm releases: their values as Helm merges them, before the chart's own defaults.

Texts of `values` first, later ones over earlier ones, then `set_list`, `set` and `set_sensitive`. https://helm.sh/docs/intro/using_helm
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from blueprint.errors import Problem
from blueprint.facts.documents import BrokenDocument, load_yaml
from blueprint.facts.embedded import secret, with_gaps
from blueprint.facts.lazy import marked
from blueprint.facts.model import Resource
from blueprint.facts.values import Sensitive, Unknown

_STEP = re.compile(r"(?:\\.|[^.\[\\])+|\[\d+\]")
LONGEST_LIST = 1000
SECRET = ("set_sensitive", "set_wo")


def merged(release: Resource) -> tuple[Resource, list[Problem]]:
    """The release with its values as data."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    release = replace(release, attributes=_hidden(release.attributes), written=_hidden(release.written))
    for index, text in enumerate(_list(release.attributes.get("values"))):
        document = _document(text, release, index, problems)
        if isinstance(document, Unknown):
            return replace(release, attributes={**release.attributes, "values": document}), problems
        values = _over(values, document)
    for path, value in _settings(release):
        _put(values, path, value)
    return replace(release, attributes={**release.attributes, "values": values}), problems


def _hidden(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the values of `set_sensitive` secret, as the provider's schema has them."""
    blocks = [block for name in SECRET for block in _list(arguments.get(name)) if isinstance(block, dict) and "value" in block]
    hidden = {id(block): {**block, "value": marked(block["value"])} for block in blocks}
    return {
        **arguments,
        **{name: [hidden.get(id(block), block) for block in _list(arguments[name])] for name in SECRET if name in arguments},
    }


def _document(text: Any, release: Resource, index: int, problems: list[Problem]) -> Any:
    """One text as data; unknown parts of it stay unknown where they stand."""
    if isinstance(text, Mapping) or (isinstance(text, Unknown) and not text.text):
        return text
    known = text.text if isinstance(text, Unknown) else text.value if isinstance(text, Sensitive) else text
    try:
        documents = _loaded(known) if isinstance(known, str) else [known]
    except BrokenDocument as error:
        problems.append(Problem(release.file, 0, f"{release.address}.values[{index}]", f"line {error.line}: {error}"))
        return {}
    found = documents[0] if documents else None
    if found is not None and not isinstance(found, Mapping):
        problems.append(Problem(release.file, 0, f"{release.address}.values[{index}]", "is no mapping of values"))
    found = found if isinstance(found, Mapping) else {}
    return with_gaps(found, text) if isinstance(text, Unknown) else secret(found) if isinstance(text, Sensitive) else found


@lru_cache(maxsize=256)
def _loaded(text: str) -> list[Any]:
    """The documents of a text; environments have many a release in common. Nobody changes them: `_put` copies what it writes to."""
    return list(load_yaml(text))


def _over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    both = {key: _over(base[key], item) for key, item in top.items() if isinstance(item, Mapping) and isinstance(base.get(key), Mapping)}
    return {key: item for key, item in {**base, **top, **both}.items() if item is not None or key not in top}


def _settings(release: Resource) -> Iterator[tuple[str, Any]]:
    """What `set` blocks say, as path and value."""
    for block in _blocks(release, "set_list"):
        yield _name(block), block.get("value")
    for block in _blocks(release, "set"):
        yield _name(block), _typed(block.get("value"), block.get("type"))
    for name in SECRET:
        for block in _blocks(release, name):
            yield _name(block), marked(block.get("value"))


def _blocks(release: Resource, name: str) -> Iterator[Mapping[str, Any]]:
    for block in _list(release.attributes.get(name)):
        block = block.value if isinstance(block, Sensitive) else block
        if isinstance(block, Mapping):
            yield block
        elif isinstance(block, Unknown):
            yield {"name": name, "value": block}


def _name(block: Mapping[str, Any]) -> str:
    name = block.get("name")
    name = name.value if isinstance(name, Sensitive) else name
    return name if isinstance(name, str) else "(unknown)"


def _typed(value: Any, kind: Any) -> Any:
    """A set value as Helm types it: `true` and `1` are not text unless the block says so."""
    if not isinstance(value, str) or kind in ("string", "literal"):
        return value
    if value in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[value]
    return int(value) if re.fullmatch(r"-?(?:0|[1-9]\d{0,17})", value) else value


def _put(values: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at Helm's path (`a.b[0].c\\.d`), making what is not there."""
    steps = [int(step[1:-1]) if step[0] == "[" else re.sub(r"\\(.)", r"\1", step) for step in _STEP.findall(path)]
    at: Any = values
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(at, list) is not isinstance(step, int) or (isinstance(step, int) and step > LONGEST_LIST):
            return
        if isinstance(step, int):
            at.extend([None] * (step + 1 - len(at)))
        if following is None:
            at[step] = value
            return
        inside = at[step] if isinstance(step, int) else at.get(step)
        fresh: Any = list(inside) if isinstance(inside, list) else dict(inside) if isinstance(inside, dict) else None
        at[step] = at = (
            fresh if isinstance(fresh, list if isinstance(following, int) else dict) else [] if isinstance(following, int) else {}
        )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
