"""Where a pipeline runs and what it sends where: machines that a service lends, actions and commands that send to their maker
(`catalog/residency/pipelines.yaml`), registries of its images, and every address its variables and scripts name."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from blueprint.facts import Facts, Found, Resource, Unknown
from blueprint.kubernetes import Image, images, registry_of
from blueprint.residency_catalog import table
from blueprint.said import said
from blueprint.whereabouts import hosts, kubernetes
from blueprint.whereabouts.model import Residence, Role

FOR_PEOPLE = re.compile(r"(^|\.)environment\.url$|(^|\.)(workflow_dispatch|inputs)\.")  # where a deployment is looked at
BESIDE = re.compile(r"(^|\.)(services\[\d+\]|container)$")  # images that have no key of their own
NEXT = "run it, and send it, inside the zone"


def whereabouts(pipeline: Resource) -> list[Residence]:
    """Every place the plan, the secrets and the data of a pipeline come to."""
    told = (one for one in kubernetes.whereabouts(pipeline) if not FOR_PEOPLE.search(one.path))
    return [*_machines(pipeline), *_uses(pipeline), *_commands(pipeline), *_keys(pipeline), *_images(pipeline), *told]


def _machines(pipeline: Resource) -> Iterator[Residence]:
    for known in table("residency/pipelines.yaml")["machines"]:
        if not re.search(known["files"], pipeline.file):
            continue
        for leaf in said(pipeline).leaves:
            found = _expression(known["path"]).match(leaf.path)
            if found and _expression(known["values"]).fullmatch(str(leaf.value)) and not _own(pipeline, found["job"], known.get("unless")):
                yield from _at(leaf, known["host"], "a machine of the service sees the plan and every secret of the job")


def _own(pipeline: Resource, job: str, unless: str | None) -> bool:
    """Whether a job says that it runs on a machine of one's own."""
    return unless is not None and any(_expression(unless).fullmatch(text) for text in _below(pipeline, job))


def _below(pipeline: Resource, block: str) -> Iterator[str]:
    """What stands in a block, as path=value."""
    return (f"{leaf.path.removeprefix(block)}={leaf.value}" for leaf in said(pipeline).leaves if leaf.path.startswith(block))


def _uses(pipeline: Resource) -> Iterator[Residence]:
    for leaf in said(pipeline).leaves:
        if leaf.path.rpartition(".")[2] != "uses" or not isinstance(leaf.value, str):
            continue
        inputs = f"{leaf.path.removesuffix('uses')}with."
        given = "\n".join(_below(pipeline, inputs))
        for known in table("residency/pipelines.yaml")["actions"]:
            if _expression(known["uses"]).fullmatch(leaf.value) and _matters(known, pipeline, given):
                yield from _at(leaf, known["host"], "the action sends it there")


def _commands(pipeline: Resource) -> Iterator[Residence]:
    for path, command in scripts(pipeline.attributes):
        for known in table("residency/pipelines.yaml")["commands"]:
            if (found := _expression(known["pattern"]).search(command)) and _matters(known, pipeline, command):
                host = known["host"].format(**found.groupdict())
                yield from _at(Found(path, command), host, "the command sends it there", pipeline.facts)


def _matters(known: Mapping[str, Any], pipeline: Resource, given: str) -> bool:
    """Whether what is sent may be a plan or a secret, and nothing points it elsewhere."""
    content, text = table("residency/pipelines.yaml"), str(pipeline.written["text"])
    elsewhere = known.get("unless") and _expression(known["unless"]).search(f"{given}\n{text}")
    private = not known.get("private") or _expression(content["private"]).search(given)
    plans = not known.get("plans") or _expression(content["plans"]).search(text)
    only = "only" not in known or _expression(known["only"]).search(given)
    return bool(private and plans and only and not elsewhere)


def _keys(pipeline: Resource) -> Iterator[Residence]:
    """Client libraries with a key ask their maker's host, unless a variable says another."""
    facts, file = pipeline.facts, pipeline.file
    names = {str(one.first("name")) for one in (facts.of("setting") if facts else ()) if one.file == file}
    for known in table("residency/defaults.yaml")["variables"]:
        if known["name"] in names and not names & set(known["unless"]):
            yield from _at(Found(f"variables.{known['name']}", known["name"]), known["host"], "a client with that key asks its maker")


def _images(pipeline: Resource) -> Iterator[Residence]:
    found = (one for one in images(pipeline) if isinstance(one, Image) and not one.path.endswith(".repository"))
    named = [(one.path, one.reference, one.registry) for one in found]
    beside = (leaf for leaf in said(pipeline).leaves if BESIDE.search(leaf.path) and isinstance(leaf.value, str))
    for path, reference, registry in (*named, *((leaf.path, leaf.value, registry_of(leaf.value)) for leaf in beside)):
        for place in () if reference.startswith("$") else hosts.places(registry.rsplit(":", 1)[0], pipeline.facts):
            yield Residence(Role.source, path, reference, place, "the pipeline runs what it pulls from there", NEXT)


def scripts(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The commands of a pipeline's scripts with their paths."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            if key in ("command", "code") and isinstance(value, str):
                yield here, value
            else:
                yield from scripts(value, here)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from scripts(item, f"{path}[{index}]")


def _at(found: Found, host: str, why: str, facts: Facts | None = None) -> Iterator[Residence]:
    for place in hosts.places(host, facts):
        known = Unknown(f"{why}: {place.reason}") if isinstance(place, Unknown) else place
        yield Residence(Role.transit, found.path, str(found.value), known, why, NEXT)


@cache
def _expression(text: str) -> re.Pattern[str]:
    return re.compile(text)
