"""Destinations nobody wrote down: a client library with a key asks its maker's host, a proxy with `openai/gpt-5` asks OpenAI
(`catalog/residency/defaults.yaml`)."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from blueprint.facts import Resource
from blueprint.kubernetes import TEMPLATES, Container, containers
from blueprint.patterns import fits
from blueprint.residency_catalog import table
from blueprint.said import said
from blueprint.whereabouts.choices import chosen, keys
from blueprint.whereabouts.present import meant

TABLE = "residency/defaults.yaml"
MODEL_VARIABLE = re.compile(r"(^|_)MODEL(_NAME|_ID)?$")
ADDRESS = re.compile(r"(API_BASE|BASE_URL|API_URL|ENDPOINT|API_HOST)$")
WEIGHTS = re.compile(r"openai/(gpt-oss|whisper|clip)|nvidia_nim/")
MODEL_KEYS = ("model", "model_name", "litellm_model")


def destinations(resource: Resource) -> Iterator[tuple[str, str]]:
    """Path and host of every default destination in an object or in a release's values."""
    if resource.type in TEMPLATES:
        for container in containers(resource):
            names = set(container.environment())
            yield from ((f"{container.path}.env.{name}", host) for name, host in _by_variable(names))
            yield from ((f"{container.path}.image", host) for host in _by_image(container, names))
            yield from ((f"{container.path}.env.{name}", host) for name, host in _by_model_variable(container, names))
    everything = said(resource)
    yield from chosen(everything, _chart(resource))
    yield from meant(everything)
    if everything.keys.intersection(MODEL_KEYS):
        yield from _by_model(everything.data)
    if everything.keys.intersection(_parents()) and any(map(_is_name, everything.words)):
        yield from _by_name(everything.data)


def _chart(resource: Resource) -> str:
    """The chart of a release stands above its values: what they choose depends on it."""
    return str(resource.first("chart") or "").rpartition("/")[2] if resource.type == "helm_release" else ""


def _by_variable(names: set[str]) -> Iterator[tuple[str, str]]:
    for known in table(TABLE)["variables"]:
        if known["name"] in names and not names & set(known["unless"]):
            yield known["name"], known["host"]


def _by_model_variable(container: Container, names: set[str]) -> Iterator[tuple[str, str]]:
    """A variable with a proxy's name of a model (`LLM_MODEL: openai/gpt-5`), where none says an address. Open weights have such
    names on the hub, too."""
    if any(ADDRESS.search(name) for name in names):
        return
    for name, value in container.environment().items():
        if MODEL_VARIABLE.search(name) and isinstance(value, str) and "/" in value and not WEIGHTS.match(value):
            yield from ((name, host) for host in [_of_model("model_name", value)] if host)


def _by_image(container: Container, variables: set[str]) -> Iterator[str]:
    """What a program asks when its command line and its variables say nothing."""
    words = [word.lstrip("-") for word in container.words()]
    told = variables | {word.partition("=")[0] for word in words}
    image = str(container.spec.get("image", ""))
    for known in table(TABLE)["images"]:
        if any(fits(image, pattern) for pattern in known["images"]) and not told & set(known["unless"]):
            yield known["host"]


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


@lru_cache(maxsize=65_536)
def _is_name(word: str) -> bool:
    """Whether a word is a name that is a destination below some key."""
    return word.partition("/")[0] in _names()


@cache
def _names() -> frozenset[str]:
    return frozenset(name for entry in table(TABLE)["named"] for name in entry["names"])


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
        if host and not keys(settings) & set(entry["unless"]):
            yield f"{path}.{name}", host
