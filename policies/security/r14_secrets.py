"""Secrets are in a secret store, not in what is synthesized.

A key in a manifest, in Helm values or in a container's environment is in the state, in plans and in every copy of both. Secrets
are read from the zone's secret store when a pod starts.
"""

from collections.abc import Iterator

from blueprint import credentials
from blueprint.concerns import Concern
from blueprint.credentials import TOKENS, is_secret
from blueprint.facts import Resource, Unknown
from blueprint.facts.model import leaves
from blueprint.kubernetes import TEMPLATES, containers
from blueprint.policy import Scope, Verdict, fails, passes, rule
from blueprint.said import said

NEXT = "put it into the secret store and read it through an ExternalSecret (secretKeyRef)"
SHORTEST_TOKEN = 20


@rule(
    "R14",
    "no secret stands in manifests, values or environments",
    looks_at=["k8s.*", "helm_release"],
    basis="Art. 32 GDPR",
    controls=["C5:2020 CRY-04", "C5:2020 IDM-08", "ISO 27001:2022 5.17", "CIS K8s 5.4"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Secret objects with credentials in their content, variables named like secrets, and strings that look like a key."""
    found = [*_secret_object(resource), *_variables(resource), *_keys(resource)]
    yield from found or [passes(resource)]


def _secret_object(resource: Resource) -> Iterator[Verdict]:
    if resource.type != "k8s.Secret" or credentials.plain(resource.attributes) is not None:
        return
    for field in ("data", "stringData"):
        if any(not isinstance(found.value, Unknown) for found in leaves(resource.attributes.get(field) or {})):
            yield fails(resource, field, "(sensitive)", "the secret's content is in the state and in every plan", "no content", NEXT)


def _variables(resource: Resource) -> Iterator[Verdict]:
    if resource.type not in TEMPLATES:
        return
    for container in containers(resource):
        for name, value in container.environment().items():
            if isinstance(value, str) and value and is_secret(name):
                yield fails(
                    resource, f"{container.path}.env.{name}", "(sensitive)", "the variable holds a secret in clear", "secretKeyRef", NEXT
                )


def _keys(resource: Resource) -> Iterator[Verdict]:
    for found in said(resource).those(TOKEN):
        yield fails(resource, found.path, "(sensitive)", "the text looks like a key", "a reference to the secret store", NEXT)


def _holds_a_token(text: str) -> bool:
    return len(text) >= SHORTEST_TOKEN and TOKENS.search(text) is not None


TOKEN = Concern(text=_holds_a_token)
