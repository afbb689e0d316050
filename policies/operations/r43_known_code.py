"""Modules and providers are code: it is seen, and it stays the same.

A module's body is not in the synthesized JSON, so what it creates is judged in the plan or not at all. A source without a fixed
version is other code tomorrow. A provider from a host of its own runs with the deployer's rights.
"""

import re
from collections.abc import Iterator, Mapping

from blueprint import places
from blueprint.facts import Found, Resource, Unknown
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved

LOCAL = ("./", "../", "/")
COMMIT = re.compile(r"[?&]ref=[0-9a-f]{40}\b|[?&]checksum=")
VERSION = re.compile(r"=?\s*v?\d+\.\d+\.\d+")
HOSTED = re.compile(r"^(?P<host>[\w-]+(\.[\w-]+)+)/[\w-]+/[\w-]+")
REGISTRIES = ("registry.terraform.io", "registry.opentofu.org")
SEEN = "a local module, or a plan beside the stack (--plan)"


@rule(
    "R43",
    "modules and providers are pinned, and modules are seen",
    looks_at=["module", "terraform"],
    basis="Art. 32 GDPR; Art. 9(4)(e) DORA",
    controls=["C5:2020 DEV-07", "ISO 27001:2022 5.21", "ISO 27001:2022 8.30", "NIST 800-53r5 SR-3"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """A module's source and body; the hosts providers come from."""
    yield from _module(resource) if resource.type == "module" else _providers(resource, scope)


def _module(module: Resource) -> Iterator[Verdict]:
    source = module.first("source")
    if not isinstance(source, str):
        yield unresolved(module, "source", "the source of the module is not known", SEEN)
        return
    if not source.startswith(LOCAL):
        yield _pinned(module, source)
    if any(other.address.startswith(f"{module.address}.") or other.address.startswith(f"{module.address}[") for other in _others(module)):
        yield passes(module, "source", source)
    else:
        why = "what the module creates stands in no file that was given, so nobody has judged it"
        yield unresolved(module, "source", why, SEEN, "check the plan, too: --plan plan.json; or write the resources themselves")


def _pinned(module: Resource, source: str) -> Verdict:
    version = module.first("version")
    if COMMIT.search(source) or (isinstance(version, str) and VERSION.fullmatch(version.strip())):
        return passes(module, "source", source)
    found = f"{source} {version or ''}".strip()
    why = "the module may be other code whenever it is fetched"
    return fails(module, "source", found, why, "ref=<commit> or one exact version", "pin it, or copy the module into the project")


def _others(module: Resource) -> tuple[Resource, ...]:
    return module.facts.resources if module.facts else ()


def _providers(settings: Resource, scope: Scope) -> Iterator[Verdict]:
    needed = settings.first("required_providers")
    blocks = needed if isinstance(needed, list) else [needed]
    for name, block in ((name, block) for each in blocks if isinstance(each, Mapping) for name, block in each.items()):
        source = block.get("source") if isinstance(block, Mapping) else None
        host = HOSTED.match(source) if isinstance(source, str) else None
        found = Found(f"required_providers.{name}.source", source)
        yield _hosted(settings, found, host["host"], scope) if host else passes(settings, found.path, found)
    if not needed:
        yield passes(settings)


def _hosted(settings: Resource, found: Found, host: str, scope: Scope) -> Verdict:
    """Public code may come from anywhere known; what nobody knows may be anybody's."""
    place = places.host(host)
    if host in REGISTRIES or (not isinstance(place, Unknown) and scope.answer(place, "image").allowed):
        return passes(settings, found.path, found)
    why = place.reason if isinstance(place, Unknown) else f"a provider from {host} runs with the deployer's rights"
    return fails(settings, found.path, found, why, ", ".join(REGISTRIES), "take the provider from the registry or from a mirror of it")
