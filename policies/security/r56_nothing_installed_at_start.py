"""Containers install nothing when they start.

`pip install` or `curl … | sh` in a command or script fetches code from anywhere, unreviewed and unpinned, into a pod that holds
prompts. What a container needs is in its image. What a mirror inside the zone hands out by its hash or commit alone stays the same.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from blueprint import programs
from blueprint.concerns import Concern
from blueprint.facts import Resource, Unknown
from blueprint.facts.embedded import texts
from blueprint.facts.pipelines import CONTINUED
from blueprint.kubernetes import TEMPLATES, containers
from blueprint.places import host
from blueprint.policy import Scope, Verdict, fails, passes, rule
from blueprint.said import said

INSTALLS = re.compile(
    r"(?i)\b(pip3?|uv pip|uv|conda|npm|yarn|gem|cargo|go|apt|apt-get|apk|yum|dnf|microdnf)\s+(-\S+\s+)*(install|add|get)\b"
    r"|\b(huggingface-cli|hf|modelscope)\s+download\b|\bollama\s+(pull|run)\b|\bgit\s+clone\b|\bhelm\s+repo\s+add\b|\b(npx|uvx|pipx\s+run)\s|\boras\s+pull\b"
)
# One of them stands in whatever fits.
SIGNS = (" install", " add", " get", " download", "ollama ", "git clone", "npx", "uvx", "pipx run", "oras pull", "curl", "wget")
FETCHES = re.compile(r"(?i)\b(curl|wget)\b[^|;&\n]*?(https?://[^\s'\"$]+)")
# What fixes the bytes, and what says where they come from: options, or variables of the program.
FIXED = re.compile(r"(?:^|\s)--require-hashes\b|(?:^|\s)--revision[= ][0-9a-f]{40}\b")
MIRROR = re.compile(r"(?:^|\s)(?:-i|--(?:extra-)?index[-_]url|--default-index|--find-links|-f)[= ](\S+)")
OFFLINE = re.compile(r"(?:^|\s)--no-index\b(?!.*://)")
MIRRORS = ("HF_ENDPOINT", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX")
RUNNERS = frozenset(("npx", "uvx", "bunx", "pnpx", "pipx", "dnx", "docker", "podman"))  # fetch a package and run it
RUNNER = Concern(text=RUNNERS.__contains__)
RUN = re.compile(r"(?i)(^|[._])(command|cmd|entrypoint)(\.0|\[0\])?$")
NEXT = "build it into the image and mirror that"


@rule(
    "R56",
    "containers fetch and install nothing when they start",
    looks_at=["k8s.*", "helm_release"],
    basis="Art. 32 GDPR",
    controls=["C5:2020 DEV-07", "ISO 27001:2022 8.19", "NIST 800-53r5 SR-3", "NIST 800-53r5 SI-7"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Commands, arguments and the scripts that config maps carry."""
    if not scope.regulated:
        return
    found = [verdict for path, text, variables in _scripts(resource) for verdict in _script(resource, path, text, variables, scope)]
    found += _runners(resource)
    yield from found or [passes(resource)]


@lru_cache(maxsize=65_536)
def _may_fetch(text: str) -> bool:
    spaced = " ".join(text.casefold().split())
    return any(sign in spaced for sign in SIGNS) and (INSTALLS.search(text) is not None or FETCHES.search(text) is not None)


def _scripts(resource: Resource) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Path, text and variables of every script that may fetch something."""
    if resource.type == "k8s.ConfigMap":
        yield from ((path, text, {}) for path, text in texts(resource.attributes.get("data") or {}, _may_fetch))
    for container in containers(resource) if resource.type in TEMPLATES else ():
        if _may_fetch(text := " ".join(container.words())):
            yield container.path, text, programs.environment(container, resource)


def _runners(resource: Resource) -> Iterator[Verdict]:
    """Tools of an agent, as lists of them say it: `command: npx`, whose arguments name a package."""
    for found in said(resource).those(RUNNER):
        if RUN.search(found.path) and "ontainers[" not in found.path:
            yield fails(resource, found.path, found.value, "code is fetched when the program starts", "everything in the image", NEXT)


def _script(resource: Resource, path: str, text: str, variables: Mapping[str, Any], scope: Scope) -> Iterator[Verdict]:
    lines = CONTINUED.sub(" ", text).splitlines()
    installs = (found for line in lines if (found := INSTALLS.search(line)) and not _stays_the_same(line, variables, scope))
    if first := next(installs, None):
        yield fails(resource, path, first[0], "code is fetched when the pod starts", "everything in the image", NEXT)
    for fetch in FETCHES.finditer(text):
        if not _inside(re.sub(r"^https?://([^/:]+).*", r"\1", fetch[2]), scope):
            yield fails(resource, path, fetch[2], "the script fetches something from outside the zone", "everything in the image", NEXT)


def _stays_the_same(line: str, variables: Mapping[str, Any], scope: Scope) -> bool:
    """Whether a command takes what lies beside it, or what is fixed by its hash or commit from nowhere but mirrors inside the zone."""
    if OFFLINE.search(line):
        return True
    mirrors = [*MIRROR.findall(line), *(str(variables[name]) for name in MIRRORS if name in variables)]
    return bool(FIXED.search(line) and mirrors) and all(_inside(one, scope) for one in mirrors)


def _inside(address: str, scope: Scope) -> bool:
    place = host(address)
    return not isinstance(place, Unknown) and scope.answer(place).allowed
