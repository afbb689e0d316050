"""Destinations that a value chooses (`type: datadog_logs` below `sinks`) or a switch turns on (`auth.google: {enabled: true}`), by
`catalog/residency/defaults.yaml` (chosen, switched).

Most objects choose nothing: whether the words of one can mean a choice is asked first, and of each word once.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import translate
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from blueprint import programs
from blueprint.concerns import Concern
from blueprint.facts import Resource
from blueprint.patterns import fits
from blueprint.residency_catalog import table
from blueprint.said import Said

TABLE = "residency/defaults.yaml"
LONGEST = 40  # a choice is a word
ANY = "*"
Choices = Mapping[str, list[Mapping[str, Any]]]
Unless = Callable[[str], bool]
Choice = tuple[str, str, Unless]  # path, host, and what would take it back
ADDRESSES = re.compile(
    r"(?i)(^|[_.-])(api|base|upstream|custom|server|service|provider|target|inference|proxy|llm|openai|endpoint)[_-]?(base|ur[il]|host|endpoint|address|override)s?$"
    r"|^(url|uri|endpoint|endpoints|serverUrl|hostOverride|host_override|api_base_path)$|[a-z](BaseUrl|BaseURL|BaseApiUrls?|ApiBase|ApiUrl|Endpoint|HostOverride)$"
    r"|(base_url|api_base)(_|$)"
)
Sign = tuple[str, int]  # key, value or section of a choice, which is known by its number
NO_SIGNS: frozenset[Sign] = frozenset()


def chosen(everything: Said, chart: str, resource: Resource) -> Iterator[tuple[str, str]]:
    """Path and host of what an object chooses. The chart of a release stands above its values."""
    possible = _possible((chart, *everything.words_of(SIGN)))
    if possible or everything.any(SWITCH):
        for path, host, unless in _inside(everything.data, _by_key(possible), "", (chart,)):
            if not any(map(unless, programs.words(resource) - everything.words)):
                yield path, host


def _inside(data: Any, choices: Choices, path: str, above: tuple[str, ...]) -> Iterator[Choice]:
    if isinstance(data, list):
        yield from _chosen_by(_variables(data), choices, path, above)
        for index, item in enumerate(data):
            yield from _inside(item, choices, f"{path}[{index}]", above)
    elif isinstance(data, dict):
        pairs = {} if "value" in data and "name" in data else data
        yield from _chosen_by(pairs, choices, path, above)
        for key, value in data.items():
            yield from _inside(value, choices, f"{path}.{key}" if path else str(key), (*above, str(key)))


def _variables(items: list[Any]) -> dict[str, Any]:
    """A list of variables as their names with their values."""
    named = (item for item in items if isinstance(item, dict) and "name" in item and ("value" in item or "valueFrom" in item))
    return {str(item["name"]): item.get("value", "(elsewhere)") for item in named}


def _chosen_by(pairs: Mapping[str, Any], choices: Choices, path: str, above: tuple[str, ...]) -> Iterator[Choice]:
    for key, value in pairs.items():
        here = f"{path}.{key}" if path else str(key)
        for one in value if isinstance(value, list) else [value]:
            yield from ((here, host, unless) for host, unless in _hosts(str(key), one, above, pairs, choices))


def _hosts(key: str, value: Any, above: tuple[str, ...], beside: Mapping[str, Any], choices: Choices) -> Iterator[tuple[str, Unless]]:
    for known in _of_key(key.lower(), choices) if isinstance(value, str) else ():
        below = not known.get("under") or any(fits(name.lower(), pattern.lower()) for name in above for pattern in known["under"])
        mates = known.get("with", ())
        together = not mates or any(isinstance(one, str) and fits(one.lower(), pattern) for one in beside.values() for pattern in mates)
        unless = _unless(tuple(known["unless"]), bool(known.get("addresses")))
        if below and together and not any(map(unless, keys(beside))):
            hosts = (host for pattern, host in known["values"].items() if fits(value.lower(), pattern))
            yield from ((_filled(host, beside).replace("{}", value.lower()), unless) for host in hosts)
    switch = _switches().get(key.lower())
    if switch and _is_on(key, value) and not set(switch.get("unless", ())) & keys(value):
        yield switch["host"], _never


def _of_key(key: str, choices: Choices) -> Iterator[Mapping[str, Any]]:
    yield from choices.get(key, ())
    for pattern in (pattern for pattern in choices if "*" in pattern and fits(key, pattern)):
        yield from choices[pattern]


@cache
def _unless(names: tuple[str, ...], addresses: bool) -> Unless:
    """Whether a key takes a choice back: one of some names, or any that says an address."""
    lowered = {name.lower() for name in names}
    return lambda key: key.lower() in lowered or (addresses and says_address(key))


def _never(key: str) -> bool:
    return False


@lru_cache(maxsize=65_536)
def says_address(key: str) -> bool:
    """Whether a key is one of an address that a client is told to call instead of its maker's."""
    return len(key) <= LONGEST and ADDRESSES.search(key) is not None


def _filled(host: str, beside: Mapping[str, Any]) -> str:
    """A host with the account that is named beside the choice: `{namespace}.servicebus.windows.net`."""
    name = host[1 : host.find("}")] if host.startswith("{") else ""
    inside = [block for block in (beside, *beside.values()) if isinstance(block, Mapping)]
    given = next((block[name] for block in inside if isinstance(block.get(name), str)), "account")
    return host.replace(f"{{{name}}}", given) if name else host


def _is_on(key: str, value: Any) -> bool:
    """Whether a part is switched on; an option by being there."""
    said = str(value.get("enabled") if isinstance(value, dict) else value).lower()
    return said in ("true", "1", "yes", "on") or (key.startswith("--") and said == "")


def keys(settings: Any, depth: int = 2) -> set[str]:
    """The keys of a block and of the blocks in it, and the names of named values."""
    if isinstance(settings, list):
        return {str(item["name"]) for item in settings if isinstance(item, dict) and {"name", "value"} <= item.keys()}
    if not isinstance(settings, dict) or not depth:
        return set()
    return {str(key) for key in settings} | {key for inner in settings.values() for key in keys(inner, depth - 1)}


def _possible(words: Iterable[str]) -> frozenset[int]:
    """The choices that may be made among some words: their key is there, one of their values, and a section they stand below."""
    signs = frozenset(_known()[0].get(ANY, ())).union(*map(_signs, words))
    values = [number for name, number in signs if name == "value"]
    return frozenset(number for number in values if all((name, number) in signs for name in _needed(number)))


@cache
def _needed(number: int) -> tuple[str, ...]:
    return ("key", "under") if table(TABLE)["chosen"][number].get("under") else ("key",)


@lru_cache(maxsize=65_536)
def _signs(word: str) -> frozenset[Sign]:
    """What a word may be in a choice; most are nothing."""
    if len(word) > LONGEST:
        return NO_SIGNS
    plain, patterns, any_of_them = _known()
    word = word.lower()
    fitting = (signs for pattern, signs in patterns.items() if fits(word, pattern)) if any_of_them.match(word) else ()
    return frozenset((*plain.get(word, ()), *chain.from_iterable(fitting)))


@cache
def _known() -> tuple[dict[str, list[Sign]], dict[str, list[Sign]], re.Pattern[str]]:
    """The signs of plain words, those of patterns, and all patterns in one but that of any word."""
    every = [
        (text.lower(), (name, number))
        for number, known in enumerate(table(TABLE)["chosen"])
        for name, texts in (("key", known["keys"]), ("value", known["values"]), ("under", known.get("under", ())))
        for text in texts
    ]
    plain: dict[str, list[Sign]] = {}
    for text, sign in every:
        plain.setdefault(text, []).append(sign)
    patterns = {text: signs for text, signs in plain.items() if "*" in text and text != ANY}
    return plain, patterns, re.compile("|".join(map(translate, patterns)))


@cache
def _by_key(possible: frozenset[int]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for known in (table(TABLE)["chosen"][number] for number in sorted(possible)):
        for key in known["keys"]:
            found.setdefault(key.lower(), []).append(known)
    return found


@cache
def _switches() -> dict[str, Mapping[str, Any]]:
    return {name.lower(): known for known in table(TABLE)["switched"] for name in known["sections"]}


SIGN = Concern(key=_signs, text=_signs)
SWITCH = Concern(key=lambda key: key.lower() in _switches(), text=lambda text: text.lower() in _switches())
