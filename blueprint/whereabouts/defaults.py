"""Destinations nobody wrote down: a client library with a key asks its maker's host, a proxy with `openai/gpt-5` asks OpenAI
(`catalog/residency/defaults.yaml`)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from blueprint import programs
from blueprint.concerns import Concern
from blueprint.facts import Found, Resource
from blueprint.kubernetes import TEMPLATES, Container, all_containers
from blueprint.patterns import fits
from blueprint.residency_catalog import table
from blueprint.said import Said, said
from blueprint.whereabouts.calls import called
from blueprint.whereabouts.choices import chosen, keys, says_address
from blueprint.whereabouts.present import meant

TABLE = "residency/defaults.yaml"
MODEL_VARIABLE = re.compile(r"(^|_)MODEL(_NAME|_ID)?$")
ADDRESS = re.compile(r"(API_BASE|BASE_URL|API_URL|ENDPOINT|API_HOST)$")
WEIGHTS = re.compile(r"openai/(gpt-oss|whisper|clip)|nvidia_nim/")
OFF = ("false", "0", "off", "no", "")
MODEL_KEY = re.compile(r"(?i)(^|[_-])(model|llm)(_?name|_?id)?$|[a-z]Model(Name|Id)?$|^models$")


def destinations(resource: Resource) -> Iterator[tuple[str, str]]:
    """Path and host of every default destination in an object or in a release's values."""
    for container in all_containers(resource):
        variables = programs.environment(container, resource)
        yield from ((f"{container.path}.env.{name}", host) for name, host in _by_variable(variables, resource))
        yield from ((f"{container.path}.image", host) for host in _by_image(container, variables, resource))
        yield from ((f"{container.path}.env.{name}", host) for name, host in _by_model_variable(variables))
    everything = said(resource)
    yield from _by_object(resource, everything)
    yield from called(resource)
    if resource.type not in TEMPLATES and everything.any(VARIABLE):
        yield from _by_listed_variable(everything.data, resource)
    yield from chosen(everything, _chart(resource), resource)
    yield from meant(everything)
    if any(map(_is_model, everything.those(MODEL))):
        yield from _by_model(everything.data)
    if everything.any(NAME) and everything.keys.intersection(_parents()):
        named = list(_by_name(everything.data))
        words = programs.words(resource) if named else frozenset()
        yield from ((path, host) for path, host, unless in named if words.isdisjoint(unless))


def _by_object(resource: Resource, everything: Said) -> Iterator[tuple[str, str]]:
    """Whom an operator asks for an object that says nothing else."""
    for known in _objects().get(resource.type, ()):
        group = str(resource.first("apiVersion") or "").rpartition("/")[0]
        if group == known["group"] and everything.words.isdisjoint(known["unless"]) and everything.keys.issuperset(known.get("with", ())):
            yield "spec", known["host"]


@cache
def _objects() -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for known in table(TABLE)["objects"]:
        for kind in known["kinds"]:
            found.setdefault(f"k8s.{kind}", []).append(known)
    return found


def _chart(resource: Resource) -> str:
    """The chart of a release stands above its values: what they choose depends on it."""
    return str(resource.first("chart") or "").rpartition("/")[2] if resource.type == "helm_release" else ""


def _by_variable(variables: Mapping[str, Any], workload: Resource) -> Iterator[tuple[str, str]]:
    for known in table(TABLE)["variables"]:
        name = known["name"]
        if name in variables and str(variables[name]).lower() not in OFF and not _told_otherwise(known["unless"], variables, workload):
            yield name, known["host"]


def _by_listed_variable(data: Any, resource: Resource, path: str = "") -> Iterator[tuple[str, str]]:
    """Variables that a chart or an operator hands on to containers, where no key of it says an address."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _by_listed_variable(value, resource, f"{path}.{key}" if path else str(key))
    elif isinstance(data, list):
        listed = {
            str(item["name"]): item.get("value")
            for item in data
            if isinstance(item, dict) and {"value", "valueFrom"} & item.keys() and "name" in item
        }
        if not any(map(says_address, said(resource).words)):
            yield from ((f"{path}.{name}", host) for name, host in _by_variable(listed, resource))
        for index, item in enumerate(data):
            yield from _by_listed_variable(item, resource, f"{path}[{index}]")


@cache
def _keys_of_services() -> frozenset[str]:
    return frozenset(known["name"] for known in table(TABLE)["variables"])


def _told_otherwise(unless: Iterable[str], names: Iterable[str], workload: Resource) -> bool:
    """Whether a container says an address of its own, or another object of its program does."""
    return not set(unless).isdisjoint(names) or any(not one.words.isdisjoint(unless) for one in map(said, programs.beside(workload)))


def _by_model_variable(variables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A variable with a proxy's name of a model (`LLM_MODEL: openai/gpt-5`), where none says an address. Open weights have such
    names on the hub, too."""
    if any(ADDRESS.search(name) for name in variables):
        return
    for name, value in variables.items():
        if MODEL_VARIABLE.search(name) and isinstance(value, str) and "/" in value and not WEIGHTS.match(value):
            yield from ((name, host) for host in [of_model("model_name", value)] if host)


def _by_image(container: Container, variables: Mapping[str, Any], workload: Resource) -> Iterator[str]:
    """What a program asks when its command line and its variables, options among them, say nothing."""
    image = str(container.spec.get("image", ""))
    known = [known for known in table(TABLE)["images"] if any(fits(image, pattern) for pattern in known["images"])]
    if not known:
        return
    texts = [*container.words(), *variables.values()]
    options = {word.lstrip("-").partition("=")[0] for text in texts for word in str(text).split()}
    yield from (one["host"] for one in known if not _told_otherwise(one["unless"], {*variables, *options}, workload))


def _by_model(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        known = table(TABLE)["models"]
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            host = of_model(str(key), value) if MODEL_KEY.search(str(key)) and isinstance(value, str) else ""
            told = isinstance(data.get(known["aliases"].get(key)), dict)  # what an alias stands for says whom it means
            if host and not told and not _in_a_region(str(value), data) and not set(known["unless"]) & set(data):
                yield here, host
            if key != "labels" and isinstance(value, dict | list):  # of series and objects: they tell of a model, and ask none
                yield from _by_model(value, here)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _by_model(item, f"{path}[{index}]")


def _in_a_region(model: str, beside: Mapping[str, Any]) -> bool:
    """Whether a region is named beside a model, and the model stays there."""
    prefix, _, name = model.partition("/")
    known = table(TABLE)["models"]["regional"].get(prefix)
    return bool(known) and bool(set(known["keys"]) & set(beside)) and not any(fits(name, leaves) for leaves in known["elsewhere"])


def of_model(key: str, name: str) -> str:
    """The host a proxy asks for a model, by its prefix or, where it has none, by its name; `model_name` may be anybody's alias."""
    known = table(TABLE)["models"]
    prefix, sign, _ = name.partition("/" if "/" in name else ":")
    if sign == "/" or (sign and prefix in known["prefixes"] and prefix not in known["tagged"]):
        return str(known["prefixes"].get(prefix, ""))
    return next((entry["host"] for entry in known["names"] if key == "model" and fits(name, entry["pattern"])), "")


def _is_model(found: Found) -> bool:
    """Whether this may be a model that a proxy asks somebody for."""
    return isinstance(found.value, str) and MODEL_KEY.search(found.key) is not None and of_model(found.key, found.value) != ""


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


def _by_name(data: Any, path: str = "") -> Iterator[tuple[str, str, Sequence[str]]]:
    if isinstance(data, dict):
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            if key in _parents():
                yield from _named_below(str(key), value, here)
            yield from _by_name(value, here)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _by_name(item, f"{path}[{index}]")


def _named_below(parent: str, value: Any, path: str) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Names as keys (`datadog/main: {…}`) or as items of a list."""
    if not isinstance(value, dict | list):
        return
    entry = next(one for one in table(TABLE)["named"] if parent == one["under"] or parent in one["under"])
    names = value if entry.get("lists", True) else ()
    given = value if isinstance(value, dict) else dict.fromkeys(item for item in names if isinstance(item, str))
    for name, settings in given.items():
        host = entry["names"].get(str(name).partition("/")[0])
        if host and not keys(settings) & set(entry["unless"]):
            yield f"{path}.{name}", host, entry.get("beside", {}).get(name, ())


MODEL = Concern(key=MODEL_KEY.search)
VARIABLE = Concern(key=lambda key: key in _keys_of_services(), text=lambda text: text in _keys_of_services())
NAME = Concern(key=_is_name, text=_is_name)
