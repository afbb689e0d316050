"""Software that reports to its makers unless told not to, and whether it has been told (`catalog/residency/telemetry.yaml`)."""

from collections.abc import Iterator, Mapping
from configparser import ConfigParser, Error
from itertools import pairwise
from typing import Any

from blueprint.facts import Found, Resource, Unknown
from blueprint.facts.model import leaves
from blueprint.kubernetes import Container
from blueprint.patterns import fits
from blueprint.residency_catalog import table
from blueprint.said import said

Switch = Mapping[str, Any]
NOT_THERE = object()


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
    name = next(switch[kind] for kind in ("env", "value", "ini", "argument") if kind in switch)
    return f"no {name}" if switch.get("absent") else f"{name}={next(iter(switch.get('is', ['…'])), '')}".rstrip("=")


def off_in_container(item: Switch, container: Container, settings: Mapping[str, str]) -> bool | Unknown:
    """Whether a container's variables, arguments or `settings` (section.key of its ini files) switch it off."""
    variables, arguments = container.environment(), _arguments(container)
    found = [_value(switch, variables, arguments, settings) for switch in alternatives(item)]
    return _any(alternatives(item), found)


def off_in_values(item: Switch, release: Resource) -> bool | Unknown:
    """Whether a chart's values switch it off; variables and ini keys may stand anywhere in them."""
    values = release.attributes.get("values")
    if isinstance(values, Unknown):
        return values
    found = [_in_values(switch, said(release).leaves) for switch in alternatives(item)]
    return _any(alternatives(item), found)


def ini_settings(config_maps: Iterator[Resource]) -> dict[str, str]:
    """`section.key` of every ini file in config maps."""
    settings: dict[str, str] = {}
    for found in (leaf for one in config_maps for leaf in leaves(one.attributes.get("data") or {})):
        if ".ini" in found.path and isinstance(found.value, str):
            parser = ConfigParser(interpolation=None, strict=False)
            try:
                parser.read_string(found.value)
            except Error:
                continue
            settings |= {f"{section}.{key}": value for section in parser.sections() for key, value in parser[section].items()}
    return settings


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


def _value(switch: Switch, variables: Mapping[str, Any], arguments: Mapping[str, str], settings: Mapping[str, str]) -> Any:
    for kind, given in (("env", variables), ("argument", arguments), ("ini", settings)):
        if kind in switch:
            return given.get(switch[kind], NOT_THERE)
    return NOT_THERE


def _arguments(container: Container) -> dict[str, str]:
    words = container.words()
    return {
        word.partition("=")[0]: word.partition("=")[2] if "=" in word else ("" if after.startswith("-") else after)
        for word, after in pairwise([*words, ""])
        if word.startswith("-")
    }


def _in_values(switch: Switch, leaves: list[Found]) -> Any:
    """The value whose path is the switch's, or ends in it below a subchart's key; a variable may be an item of a list."""
    path = switch.get("env") or switch.get("value") or (f"grafana.ini.{switch['ini']}" if "ini" in switch else "")
    places = {path, f"{path}.value"} if "env" in switch else {path}
    endings = tuple(f".{place}" for place in places)
    return next((leaf.value for leaf in leaves if path and (leaf.path in places or leaf.path.endswith(endings))), NOT_THERE)
