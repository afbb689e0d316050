"""Secrets are in a secret store, not in what is synthesized.

A key in a manifest, in Helm values or in a container's environment is in the state, in plans and in every copy of both. Secrets
are read from the zone's secret store when a pod starts.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from blueprint.facts import Resource, Sensitive, Unknown
from blueprint.facts.model import leaves
from blueprint.kubernetes import TEMPLATES, containers
from blueprint.policy import Scope, Verdict, fails, passes, rule
from blueprint.said import said

NEXT = "put it into the secret store and read it through an ExternalSecret (secretKeyRef)"
NAMED_SECRET = re.compile(r"(?i)(^|[_.-])(password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)$")
# Names that end like a secret and are only the name, path or number of one.
ONLY_A_NAME = re.compile(r"(?i)(name|ref|file|path|key_id|_url|ttl|max_?tokens?)$")
ENCRYPTED = re.compile(r"ENC\[AES256_GCM,data:[^\]]*\]")
SHORTEST_TOKEN = 20
TOKENS = re.compile(
    r"(hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----)"
)


@rule(
    "R14",
    "no secret stands in manifests, values or environments",
    looks_at=["k8s.*", "helm_release"],
    basis="Art. 32 GDPR",
    controls=["C5:2020 CRY-04", "C5:2020 IDM-08", "ISO 27001:2022 5.17", "CIS K8s 5.4"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Secret objects with content, variables named like secrets, and strings that look like a key."""
    found = [*_secret_object(resource), *_variables(resource), *_keys(resource)]
    yield from found or [passes(resource)]


def _secret_object(resource: Resource) -> Iterator[Verdict]:
    if resource.type != "k8s.Secret":
        return
    for field in ("data", "stringData"):
        content = [found.value for found in leaves(resource.attributes.get(field) or {}) if not isinstance(found.value, Unknown)]
        if not all(_is_encrypted(value, resource) for value in content):
            yield fails(resource, field, "(sensitive)", "the secret's content is in the state and in every plan", "no content", NEXT)


def _is_encrypted(value: object, resource: Resource) -> bool:
    """Whether SOPS encrypted a value; with which key its section `sops` says, and R58 where that is."""
    plain = value.value if isinstance(value, Sensitive) else value
    return isinstance(plain, str) and ENCRYPTED.fullmatch(plain) is not None and "sops" in resource.attributes


def _variables(resource: Resource) -> Iterator[Verdict]:
    if resource.type not in TEMPLATES:
        return
    for container in containers(resource):
        for name, value in container.environment().items():
            if isinstance(value, str) and value and _is_secret(name):
                yield fails(
                    resource, f"{container.path}.env.{name}", "(sensitive)", "the variable holds a secret in clear", "secretKeyRef", NEXT
                )


def _keys(resource: Resource) -> Iterator[Verdict]:
    everything = said(resource)
    for found in everything.leaves if any(map(_holds_a_token, everything.words)) else ():
        if isinstance(found.value, str) and _holds_a_token(found.value):
            yield fails(resource, found.path, "(sensitive)", "the text looks like a key", "a reference to the secret store", NEXT)


@lru_cache(maxsize=65_536)
def _holds_a_token(text: str) -> bool:
    return len(text) >= SHORTEST_TOKEN and TOKENS.search(text) is not None


def _is_secret(name: str) -> bool:
    return bool(NAMED_SECRET.search(name)) and not ONLY_A_NAME.search(name)
