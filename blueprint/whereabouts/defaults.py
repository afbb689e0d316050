"""Destinations nobody wrote down: a client library with a key asks its maker's host, a proxy with `openai/gpt-5` asks OpenAI
(`catalog/residency/defaults.yaml`)."""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from blueprint.facts import Resource
from blueprint.kubernetes import TEMPLATES, Container, containers
from blueprint.patterns import fits
from blueprint.residency_catalog import table
from blueprint.said import said

TABLE = "residency/defaults.yaml"
LONGEST_CHOICE = 40
MODEL_KEYS = ("model", "model_name", "litellm_model")


def destinations(resource: Resource) -> Iterator[tuple[str, str]]:
    """Path and host of every default destination in an object or in a release's values."""
    if resource.type in TEMPLATES:
        for container in containers(resource):
            names = {str(item.get("name")) for item in container.spec.get("env") or [] if isinstance(item, Mapping)}
            yield from ((f"{container.path}.env.{name}", host) for name, host in _by_variable(names))
            yield from ((f"{container.path}.image", host) for host in _by_image(container, names))
    everything = said(resource)
    if any(map(_may_choose, everything.words)):
        yield from _by_choice(everything.data)
    if everything.keys.intersection(MODEL_KEYS):
        yield from _by_model(everything.data)
    if everything.keys.intersection(_parents()):
        yield from _by_name(everything.data)


def _by_variable(names: set[str]) -> Iterator[tuple[str, str]]:
    for known in table(TABLE)["variables"]:
        if known["name"] in names and not names & set(known["unless"]):
            yield known["name"], known["host"]


def _by_image(container: Container, variables: set[str]) -> Iterator[str]:
    """What a program asks when its command line and its variables say nothing."""
    words = [str(word).lstrip("-") for key in ("command", "args") for word in container.spec.get(key) or []]
    told = variables | {word.partition("=")[0] for word in words}
    image = str(container.spec.get("image", ""))
    for known in table(TABLE)["images"]:
        if any(fits(image, pattern) for pattern in known["images"]) and not told & set(known["unless"]):
            yield known["host"]


def _by_choice(data: Any, path: str = "", above: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """What the value of a key chooses (`type: datadog_logs` below `sinks`), and what a section switches on."""
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _by_choice(item, f"{path}[{index}]", above)
    elif isinstance(data, dict):
        pairs = {str(data["name"]): data["value"]} if "name" in data and "value" in data else data
        for key, value in pairs.items():
            here = f"{path}.{key}" if path else str(key)
            for one in value if isinstance(value, list) else [value]:
                yield from ((here, host) for host in _chosen(str(key), one, above, data))
            yield from _by_choice(value, here, (*above, str(key)))


def _chosen(key: str, value: Any, above: tuple[str, ...], beside: Mapping[str, Any]) -> Iterator[str]:
    for known in _choices().get(key.lower(), ()) if isinstance(value, str) else ():
        below = not known.get("under") or any(fits(name.lower(), pattern.lower()) for name in above for pattern in known["under"])
        if below and not {name.lower() for name in known["unless"]} & {name.lower() for name in _keys(beside)}:
            yield from (host for pattern, host in known["values"].items() if fits(value.lower(), pattern))
    switch = _switches().get(key.lower())
    if switch and _is_on(value) and not set(switch.get("unless", ())) & _keys(value):
        yield switch["host"]


def _is_on(value: Any) -> bool:
    return str(value.get("enabled") if isinstance(value, dict) else value).lower() == "true"


@lru_cache(maxsize=65_536)
def _may_choose(word: str) -> bool:
    """Whether a key or value is one that chooses somebody, or switches on a part; most are not."""
    word, (plain, patterns) = word.lower(), _choosing()
    return len(word) <= LONGEST_CHOICE and (word in plain or word in _switches() or any(fits(word, pattern) for pattern in patterns))


@cache
def _choosing() -> tuple[frozenset[str], tuple[str, ...]]:
    """The values that choose, and the patterns of such values."""
    values = {pattern for known in table(TABLE)["chosen"] for pattern in known["values"]}
    patterns = tuple(value for value in values if "*" in value)
    return frozenset(values.difference(patterns)), patterns


@cache
def _choices() -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for known in table(TABLE)["chosen"]:
        for key in known["keys"]:
            found.setdefault(key.lower(), []).append(known)
    return found


@cache
def _switches() -> dict[str, Mapping[str, Any]]:
    return {name.lower(): known for known in table(TABLE)["switched"] for name in known["sections"]}


def _by_model(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        known = table(TABLE)["models"]
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            host = _of_model(str(key), value) if key in MODEL_KEYS and isinstance(value, str) else ""
            if host and not _in_a_region(str(value), data) and not set(known["unless"]) & set(data):
                yield here, host
            if key != "labels":  # of series and objects: they tell of a model, and ask none
                yield from _by_model(value, here)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _by_model(item, f"{path}[{index}]")


def _in_a_region(model: str, beside: Mapping[str, Any]) -> bool:
    """Whether a region is named beside a model, and the model stays there."""
    prefix, _, name = model.partition("/")
    known = table(TABLE)["models"]["regional"].get(prefix)
    return bool(known) and bool(set(known["keys"]) & set(beside)) and not any(fits(name, leaves) for leaves in known["elsewhere"])


def _of_model(key: str, name: str) -> str:
    """The host a proxy asks for a model, by its prefix or, where it has none, by its name; `model_name` may be anybody's alias."""
    known = table(TABLE)["models"]
    prefix, slash, _ = name.partition("/")
    if slash:
        return str(known["prefixes"].get(prefix, ""))
    return next((entry["host"] for entry in known["names"] if key == "model" and fits(name, entry["pattern"])), "")


@cache
def _parents() -> frozenset[str]:
    """The keys below which a name alone is a destination."""
    found = [entry["under"] for entry in table(TABLE)["named"]]
    return frozenset(name for one in found for name in (one if isinstance(one, list) else [one]))


def _by_name(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            if key in _parents():
                yield from _named_below(str(key), value, here)
            yield from _by_name(value, here)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _by_name(item, f"{path}[{index}]")


def _named_below(parent: str, value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Names as keys (`datadog/main: {…}`) or as items of a list."""
    if not isinstance(value, dict | list):
        return
    entry = next(one for one in table(TABLE)["named"] if parent == one["under"] or parent in one["under"])
    given = value if isinstance(value, dict) else dict.fromkeys(item for item in value or () if isinstance(item, str))
    for name, settings in given.items():
        host = entry["names"].get(str(name).partition("/")[0])
        if host and not _keys(settings) & set(entry["unless"]):
            yield f"{path}.{name}", host


def _keys(settings: Any, depth: int = 2) -> set[str]:
    """The keys of a block and of the blocks in it."""
    if not isinstance(settings, dict) or not depth:
        return set()
    return {str(key) for key in settings} | {key for inner in settings.values() for key in _keys(inner, depth - 1)}
