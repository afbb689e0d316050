"""Destinations nobody wrote down: a client library with a key asks its maker's host, a proxy with `openai/gpt-5` asks OpenAI
(`catalog/residency/defaults.yaml`)."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from blueprint.facts import Resource
from blueprint.kubernetes import TEMPLATES, containers, said
from blueprint.residency_catalog import table

TABLE = "residency/defaults.yaml"
MODEL_KEYS = ("model", "model_name", "litellm_model")


def destinations(resource: Resource) -> Iterator[tuple[str, str]]:
    """Path and host of every default destination in an object or in a release's values."""
    if resource.type in TEMPLATES:
        for container in containers(resource):
            names = {str(item.get("name")) for item in container.spec.get("env") or [] if isinstance(item, Mapping)}
            yield from ((f"{container.path}.env.{name}", host) for name, host in _by_variable(names))
    everything = said(resource)
    if everything.keys.intersection(MODEL_KEYS):
        yield from _by_model(everything.data)
    if everything.keys.intersection(_parents()):
        yield from _by_name(everything.data)


def _by_variable(names: set[str]) -> Iterator[tuple[str, str]]:
    for known in table(TABLE)["variables"]:
        if known["name"] in names and not names & set(known["unless"]):
            yield known["name"], known["host"]


def _by_model(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        known = table(TABLE)["models"]
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            host = _of_model(str(key), value) if key in MODEL_KEYS and isinstance(value, str) else ""
            if host and not set(known["unless"]) & set(data):
                yield here, host
            yield from _by_model(value, here)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _by_model(item, f"{path}[{index}]")


def _of_model(key: str, name: str) -> str:
    """The host a proxy asks for a model, by its prefix or, where it has none, by its name; `model_name` may be anybody's alias."""
    known = table(TABLE)["models"]
    prefix, slash, _ = name.partition("/")
    if slash:
        return str(known["prefixes"].get(prefix, ""))
    return next((entry["host"] for entry in known["names"] if key == "model" and fnmatchcase(name, entry["pattern"])), "")


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
