"""Libraries that code in a config map calls without an address: `ChatOpenAI(model="gpt-5")` asks OpenAI, unless the call or a variable
of the program names somebody else (`catalog/residency/defaults.yaml`, calls)."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from blueprint import programs
from blueprint.facts import Resource
from blueprint.residency_catalog import table

TABLE = "residency/defaults.yaml"
ARGUMENTS = r"\(((?:[^()]|\([^()]*\))*)\)"
# An address among the arguments, or arguments that stand elsewhere.
SAYS_WHERE = re.compile(r"(?i)(base|api|server|custom|inference)?_?(ur[il]|base|host|endpoint|transport)\w*\s*[=:]|\*\*|\.\.\.")
BY_MODEL = ("init_chat_model", "init_embeddings", "Agent", "ChatLiteLLM", "completion", "acompletion", "embedding", "aembedding")
BY_PREFIX = re.compile(rf"\b(?:{'|'.join(BY_MODEL)}){ARGUMENTS}")
MODEL = re.compile(r"^\s*(?:model\s*=\s*)?[\"']([\w-]+)[:/]")


def called(resource: Resource) -> Iterator[tuple[str, str]]:
    """Path and host of every such call in a config map's files."""
    content = resource.attributes.get("data") if resource.type == "k8s.ConfigMap" else None
    for name, text in content.items() if isinstance(content, Mapping) else ():
        for host, unless in _in_code(text) if isinstance(text, str) and "(" in text else ():
            if programs.words(resource).isdisjoint(unless):
                yield f"data.{name}", host


@lru_cache(maxsize=4096)
def _in_code(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not _any_name().search(text):
        return ()
    prefixes = table(TABLE)["models"]["prefixes"]
    found = [(known["host"], tuple(known["unless"])) for known in _quiet(text)]
    models = (MODEL.match(call[1]) for call in BY_PREFIX.finditer(text) if not SAYS_WHERE.search(call[1]))
    found += [(prefixes[model[1]], ()) for model in models if model and model[1] in prefixes]
    return tuple(dict.fromkeys(found))


def _quiet(text: str) -> Iterator[Mapping[str, Any]]:
    for call in _names().finditer(text):
        if not SAYS_WHERE.search(call[2]):
            yield _known()[call[1]]


@cache
def _any_name() -> re.Pattern[str]:
    """A first look at a text, for names alone: most call nobody."""
    return re.compile("|".join(map(re.escape, (*_known(), *BY_MODEL))))


@cache
def _names() -> re.Pattern[str]:
    return re.compile(rf"(?<!def )(?<!class )(?<![\w])({'|'.join(map(re.escape, _known()))}){ARGUMENTS}")


@cache
def _known() -> dict[str, Mapping[str, Any]]:
    return {name: known for known in table(TABLE)["calls"] for name in known["names"]}
