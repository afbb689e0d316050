"""Destinations nobody wrote down: a client library with a key asks its maker's host, a proxy with `openai/gpt-5` asks OpenAI
(`catalog/residency/defaults.yaml`)."""

from collections.abc import Iterator, Mapping
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


def _by_variable(names: set[str]) -> Iterator[tuple[str, str]]:
    for known in table(TABLE)["variables"]:
        if known["name"] in names and not names & set(known["unless"]):
            yield known["name"], known["host"]


def _by_model(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        known = table(TABLE)["models"]
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            prefix = value.partition("/")[0] if isinstance(value, str) and key in MODEL_KEYS and "/" in value else ""
            if prefix in known["prefixes"] and not set(known["unless"]) & set(data):
                yield here, known["prefixes"][prefix]
            yield from _by_model(value, here)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _by_model(item, f"{path}[{index}]")
