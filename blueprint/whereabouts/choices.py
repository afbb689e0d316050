"""Destinations that a value chooses (`type: datadog_logs` below `sinks`) or a switch turns on (`auth.google: {enabled: true}`), by
`catalog/residency/defaults.yaml` (chosen, switched).

Most objects choose nothing: whether the words of one can mean a choice is asked first, and of each word once.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import translate
from functools import cache, lru_cache
from typing import Any

from blueprint.patterns import fits
from blueprint.residency_catalog import table
from blueprint.said import Said

TABLE = "residency/defaults.yaml"
LONGEST = 40  # a choice is a word
Choices = Mapping[str, list[Mapping[str, Any]]]
Sign = tuple[str, int]  # key, value or section of a choice, which is known by its number


def chosen(everything: Said, chart: str) -> Iterator[tuple[str, str]]:
    """Path and host of what an object chooses. The chart of a release stands above its values."""
    possible = _possible((chart, *everything.words))
    if possible or any(map(_switched, everything.words)):
        yield from _inside(everything.data, _by_key(possible), "", (chart,))


def _inside(data: Any, choices: Choices, path: str, above: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from _inside(item, choices, f"{path}[{index}]", above)
    elif isinstance(data, dict):
        pairs = {str(data["name"]): data["value"]} if "name" in data and "value" in data else data
        for key, value in pairs.items():
            here = f"{path}.{key}" if path else str(key)
            for one in value if isinstance(value, list) else [value]:
                yield from ((here, host) for host in _hosts(str(key), one, above, data, choices))
            yield from _inside(value, choices, here, (*above, str(key)))


def _hosts(key: str, value: Any, above: tuple[str, ...], beside: Mapping[str, Any], choices: Choices) -> Iterator[str]:
    for known in choices.get(key.lower(), ()) if isinstance(value, str) else ():
        below = not known.get("under") or any(fits(name.lower(), pattern.lower()) for name in above for pattern in known["under"])
        if below and not {name.lower() for name in known["unless"]} & {name.lower() for name in keys(beside)}:
            hosts = (host for pattern, host in known["values"].items() if fits(value.lower(), pattern))
            yield from (_filled(host, beside) for host in hosts)
    switch = _switches().get(key.lower())
    if switch and _is_on(value) and not set(switch.get("unless", ())) & keys(value):
        yield switch["host"]


def _filled(host: str, beside: Mapping[str, Any]) -> str:
    """A host with the account that is named beside the choice: `{namespace}.servicebus.windows.net`."""
    name = host[1 : host.find("}")] if host.startswith("{") else ""
    inside = [block for block in (beside, *beside.values()) if isinstance(block, Mapping)]
    given = next((block[name] for block in inside if isinstance(block.get(name), str)), "account")
    return host.replace(f"{{{name}}}", given) if name else host


def _is_on(value: Any) -> bool:
    return str(value.get("enabled") if isinstance(value, dict) else value).lower() == "true"


def keys(settings: Any, depth: int = 2) -> set[str]:
    """The keys of a block and of the blocks in it."""
    if not isinstance(settings, dict) or not depth:
        return set()
    return {str(key) for key in settings} | {key for inner in settings.values() for key in keys(inner, depth - 1)}


def _possible(words: Iterable[str]) -> frozenset[int]:
    """The choices that may be made among some words: their key is there, one of their values, and a section they stand below."""
    signs = {sign for word in words for sign in _signs(word)}
    values = [number for name, number in signs if name == "value"]
    return frozenset(number for number in values if all((name, number) in signs for name in _needed(number)))


@cache
def _needed(number: int) -> tuple[str, ...]:
    return ("key", "under") if table(TABLE)["chosen"][number].get("under") else ("key",)


@lru_cache(maxsize=65_536)
def _signs(word: str) -> tuple[Sign, ...]:
    """What a word may be in a choice; most are nothing."""
    if len(word) > LONGEST:
        return ()
    plain, patterns, any_of_them = _known()
    word = word.lower()
    fitting = (sign for pattern, sign in patterns if fits(word, pattern)) if any_of_them.match(word) else ()
    return (*plain.get(word, ()), *fitting)


@cache
def _known() -> tuple[dict[str, list[Sign]], list[tuple[str, Sign]], re.Pattern[str]]:
    """The signs of plain words, those of patterns, and all patterns in one."""
    every = [
        (text.lower(), (name, number))
        for number, known in enumerate(table(TABLE)["chosen"])
        for name, texts in (("key", known["keys"]), ("value", known["values"]), ("under", known.get("under", ())))
        for text in texts
    ]
    plain: dict[str, list[Sign]] = {}
    for text, sign in every:
        plain.setdefault(text, []).append(sign)
    patterns = [(text, sign) for text, sign in every if "*" in text]
    return plain, patterns, re.compile("|".join(translate(text) for text, _ in patterns))


@cache
def _by_key(possible: frozenset[int]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for known in (table(TABLE)["chosen"][number] for number in sorted(possible)):
        for key in known["keys"]:
            found.setdefault(key.lower(), []).append(known)
    return found


@lru_cache(maxsize=65_536)
def _switched(word: str) -> bool:
    return word.lower() in _switches()


@cache
def _switches() -> dict[str, Mapping[str, Any]]:
    return {name.lower(): known for known in table(TABLE)["switched"] for name in known["sections"]}
