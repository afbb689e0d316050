"""Add-ons, found by file: every `HelmAddon` in this folder is installed, after those it needs.

Before any of them come the namespaces with their rules (`modules/foundation.py`). A further add-on is a further file; nothing
is registered here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib import import_module
from inspect import isclass
from pkgutil import iter_modules
from typing import Any

from modules import foundation
from modules.addons.base import HelmAddon
from modules.clusters.base import Cluster
from modules.resources.engine import Added, Construct, Part


@dataclass(frozen=True)
class Platform:
    """What the add-ons leave behind: everything later parts have to wait for."""

    ready: Sequence[Added[Any]]


def install(scope: Construct, cluster: Cluster) -> Platform:
    """Namespaces, then all add-ons this cluster wants, each after the ones it needs."""
    part = Part(scope, "addons")
    addons = {name: addon for name, addon in find(cluster).items() if addon.wanted}
    base = foundation.lay(part, cluster, {addon.namespace: addon.pod_security for addon in addons.values()})
    installed: dict[str, Added[Any]] = {}
    for name in in_order(addons):
        needs = [installed[need] for need in addons[name].needs if need in installed]
        installed[name] = addons[name].install(part, name, needs or base)
    return Platform(ready=list(installed.values()))


def find(cluster: Cluster) -> dict[str, HelmAddon]:
    """The add-ons in this folder by file name."""
    names = sorted(module.name for module in iter_modules(__path__) if module.name != "base")
    return {name: _addon_in(name)(cluster) for name in names}


def _addon_in(name: str) -> type[HelmAddon]:
    module = import_module(f"{__name__}.{name}")
    found = [item for item in vars(module).values() if isclass(item) and issubclass(item, HelmAddon) and item.__module__ == module.__name__]
    if len(found) != 1:
        raise TypeError(f"modules/addons/{name}.py must define exactly one HelmAddon, it has {len(found)}")
    return found[0]


def in_order(addons: Mapping[str, HelmAddon]) -> list[str]:
    """Names such that every add-on comes after those it needs; the alphabet decides the rest."""
    sorter = TopologicalSorter({name: sorted(set(addon.needs) & set(addons)) for name, addon in sorted(addons.items())})
    return list(sorter.static_order())
