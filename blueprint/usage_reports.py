"""Software that reports to its makers unless told not to, and whether it has been told (`catalog/residency/telemetry.yaml`)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from blueprint import programs
from blueprint.concerns import Concern
from blueprint.facts import Found, Resource, Unknown
from blueprint.kubernetes import Container
from blueprint.patterns import fits
from blueprint.residency_catalog import table
from blueprint.said import said

Switch = Mapping[str, Any]
NOT_THERE = object()
ON_OR_OFF = ("true", "1", "yes", "on", "false", "0", "no", "off")


def software(image: str = "", chart: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Known software by the image it runs as or the chart that installs it."""
    for name, entry in table("residency/telemetry.yaml")["software"].items():
        by_image = image and any(fits(image, pattern) or fits(f"/{image}", pattern) for pattern in entry.get("images", ()))
        if by_image or (chart and any(fits(chart, pattern) for pattern in entry.get("charts", ()))):
            yield name, entry


def alternatives(item: Switch) -> list[Switch]:
    """The switches of which one is enough."""
    return list(item.get("any", [item]))


def spelled(item: Switch) -> str:
    """What somebody has to write, in words."""
    return " or ".join(_spelled(switch) for switch in alternatives(item))


def _spelled(switch: Switch) -> str:
    name = next(switch[kind] for kind in ("env", "value", "ini", "file", "argument") if kind in switch)
    return f"no {name}" if switch.get("absent") else f"{name}={next(iter(switch.get('is', ['…'])), '')}".rstrip("=")


def off_in_container(item: Switch, container: Container, workload: Resource) -> bool | Unknown:
    """Whether a container's variables, arguments or the files of its config maps switch it off."""
    variables, arguments = programs.environment(container, workload), _arguments(container)
    found = [_value(switch, variables, arguments, workload) for switch in alternatives(item)]
    return _any(alternatives(item), found)


def off_in_values(item: Switch, release: Resource) -> bool | Unknown:
    """Whether a chart's values switch it off; variables, arguments and ini keys may stand anywhere in them."""
    values = release.attributes.get("values")
    if isinstance(values, Unknown):
        return values
    found = [_in_leaves(switch, said(release).leaves) for switch in alternatives(item)]
    return _any(alternatives(item), found)


def is_absent(entry: Mapping[str, Any], release: Resource) -> bool:
    """Whether the chart leaves the program out (`grafana.enabled: false`)."""
    part = entry.get("part")
    return part is not None and str(_in_leaves({"value": f"{part}.enabled"}, said(release).leaves)).lower() == "false"


def switched_on(resource: Resource) -> Iterator[tuple[Found, str]]:
    """Switches that somebody has set to report, whatever the program's image or chart is called; and what to write instead."""
    for found in said(resource).those(SWITCH):
        items = _items(found.path)
        if items and str(found.value).lower() in ON_OR_OFF and not any(_off_somewhere(item, resource) for item in items):
            yield found, spelled(items[0])


def _items(path: str) -> list[Switch]:
    """The items of the switches that a path ends in the name of."""
    path = re.sub(r"(\.value)?(\[\d+\])?$", "", path)
    return [item for name in _endings(path) for item in _switches().get(name, ())]


def _off_somewhere(item: Switch, resource: Resource) -> bool:
    leaves = [*said(resource).leaves, *programs.leaves(resource)]
    return any(not switch.get("absent") and _is_off(switch, _in_leaves(switch, leaves)) for switch in alternatives(item))


def _endings(path: str) -> Iterator[str]:
    """The last steps of a path, one, two and three of them."""
    steps = path.lower().split(".")
    yield from (".".join(steps[-count:]) for count in (1, 2, 3))


@cache
def _last_steps() -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in _switches())


SWITCH = Concern(key=lambda key: key.lower() in _last_steps())


@cache
def _switches() -> dict[str, list[Switch]]:
    """The items of every switch that is named like no other program's, by its name."""
    found: dict[str, list[Switch]] = {}
    for entry in table("residency/telemetry.yaml")["software"].values():
        for item in entry["switches"] if not entry.get("pipeline") else ():
            for switch in alternatives(item):
                name = next((str(switch[kind]) for kind in ("env", "ini", "file") if kind in switch), "")
                if name and "is" in switch and not switch.get("common"):
                    found.setdefault(name.lower(), []).append(item)
    return found


def _any(switches: list[Switch], found: list[Any]) -> bool | Unknown:
    if any(_is_off(switch, value) for switch, value in zip(switches, found, strict=True)):
        return True
    return next((value for value in found if isinstance(value, Unknown)), False)


def _is_off(switch: Switch, value: Any) -> bool:
    if value is NOT_THERE:
        return bool(switch.get("absent"))
    if isinstance(value, Unknown):
        return False
    return "is" not in switch or str(value).lower() in [str(known).lower() for known in switch["is"]]


def _value(switch: Switch, variables: Mapping[str, Any], arguments: Mapping[str, str], workload: Resource) -> Any:
    if "env" in switch:
        return variables.get(switch["env"], NOT_THERE)
    if "argument" in switch:
        return arguments.get(_option(switch["argument"]), NOT_THERE)
    name = str(switch.get("ini") or switch.get("file") or "")
    return _in_leaves({"value": name}, [*said(workload).leaves, *programs.leaves(workload)]) if name else NOT_THERE


def _arguments(container: Container) -> dict[str, str]:
    words = container.words()
    return {
        _option(word.partition("=")[0]): word.partition("=")[2] if "=" in word else ("" if after.startswith("-") else after)
        for word, after in pairwise([*words, ""])
        if word.startswith("-")
    }


def _option(written: str) -> str:
    """An option's name as programs read it: in small letters, whatever the number of its dashes."""
    return written.lstrip("-").lower()


def _in_leaves(switch: Switch, leaves: Iterable[Found]) -> Any:
    """The value whose path is the switch's, or ends in it below a subchart's key; a variable may be an item of a list."""
    if "argument" in switch:
        return _in_arguments(_option(switch["argument"]), leaves)
    path = str(switch.get("env") or switch.get("value") or switch.get("file") or switch.get("ini") or "").lower()
    places = {path, f"{path}.value"} if "env" in switch else {path}
    endings = tuple(f".{place}" for place in places)
    found = ((leaf.path.lower(), leaf.value) for leaf in leaves)
    return next((value for at, value in found if path and (at in places or at.endswith(endings))), NOT_THERE)


def _in_arguments(option: str, leaves: Iterable[Found]) -> Any:
    """The value of an option in a list of arguments, as a text or already taken apart."""
    for leaf in leaves:
        if leaf.path.lower().endswith((f".--{option}", f".-{option}")):
            return leaf.value
        if isinstance(leaf.value, str) and leaf.value.startswith("-") and _option(leaf.value.partition("=")[0]) == option:
            return leaf.value.partition("=")[2]
    return NOT_THERE
