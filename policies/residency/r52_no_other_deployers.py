"""Nothing in the cluster creates resources elsewhere, or fetches objects from outside the zone.

Operators such as Crossplane or Azure Service Operator turn an object of the cluster into a resource of a cloud, past every check
of a plan. Flux and Argo fetch objects: from a source in the zone, at a commit or digest, that is a deployment like any other.
Kinds nobody has looked at are unresolved, not harmless.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from blueprint.concerns import HIDDEN, Concern
from blueprint.facts import Found, Resource, Unknown
from blueprint.kubernetes import TEMPLATES
from blueprint.patterns import fits
from blueprint.places import host
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.residency_catalog import table
from blueprint.said import said

TABLE = "residency/kubernetes.yaml"
ALLOWED = "kinds that stay inside the cluster"
READABLE = "write the objects down, so that they can be judged"
NEXT = "create it with Terraform, where a plan shows it"
SCHEDULED = re.compile(r"\.(nodeSelector|affinity|tolerations|nodeName)\b")
PINNED = re.compile(r"[0-9a-f]{40}|sha256:[0-9a-f]{64}")
# Parts of objects that are made of other parts.
PARTS = re.compile(
    r"(^|\.)(spec|template|jobTemplate|(init|ephemeral)?[cC]ontainers(\[\d+\])?|env(From)?(\[\d+\])?|args|command|volumes(\[\d+\])?|data|"
    r"stringData|binaryData|config|rules(\[\d+\])?|(backend|target)Refs(\[\d+\])?)$"
)
UNKNOWN = Concern(text=HIDDEN.__eq__)
VERSION = re.compile(r"^v?\d+\.\d+\.\d+(-[\w.]+)?$")  # of a chart; a tag of that name in git can move


@rule(
    "R52",
    "objects of the cluster create nothing outside it",
    looks_at=["k8s.*"],
    basis="Art. 28, 44 GDPR",
    controls=["C5:2020 PSS-12", "C5:2020 DEV-03", "ISO 27001:2022 5.23"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """An object's API group says whose controller acts on it."""
    yield from (unresolved(resource, found.path, found.value, ALLOWED, READABLE) for found in _unknown(resource))
    version = str(resource.first("apiVersion") or "")
    group, kind = version.rpartition("/")[0], resource.type.removeprefix("k8s.")
    if kind == "Unreadable":
        text = resource.first("text")
        why = text if isinstance(text, Unknown) else "nobody can read what is put into the cluster"
        yield unresolved(resource, "text", why, ALLOWED, READABLE)
    elif deployer := _entry("deployers", group):
        yield from _fetched(resource, deployer, scope) if "sources" in deployer else [_denied(resource, deployer, version)]
    elif opaque := next((entry for entry in table(TABLE)["opaque"] if resource.type.removeprefix("k8s.") in entry["kinds"]), None):
        yield unresolved(
            resource, "kind", f"{resource.type.removeprefix('k8s.')} {opaque['does']}", ALLOWED, "say it with routes and policies"
        )
    elif _entry("known", group):
        yield from list(_outside(resource)) or [passes(resource, "apiVersion", version)]
    else:
        why = f"no rule knows what a controller does with {version or 'an object without apiVersion'} {kind}"
        yield unresolved(resource, "apiVersion", why, ALLOWED, f"look at it and add its group to catalog/{TABLE}")


def _unknown(resource: Resource) -> Iterator[Found]:
    """Parts that are not known before apply and may hold anything: a pod, a container, all of the data. A word that is not known is
    the affair of the rule that reads it."""
    return (found for found in said(resource).those(UNKNOWN) if isinstance(found.value, Unknown) and PARTS.search(found.path))


def _outside(workload: Resource) -> Iterator[Verdict]:
    """Pods that ask for a node which is none of the cluster's."""
    named = tuple(table(TABLE)["elsewhere"])
    for found in said(workload).leaves if workload.type in TEMPLATES else ():
        if SCHEDULED.search(found.path) and (str(found.value).startswith(named) or any(f".{name}" in found.path for name in named)):
            why = "pods with that run wherever a provider behind a virtual node runs them, and nobody says where that is"
            yield unresolved(workload, found.path, why, "nodes of this cluster", "run them on nodes of the cluster")


@cache
def _entry(kind: str, group: str) -> Mapping[str, Any] | None:
    return next((entry for entry in table(TABLE)[kind] if any(fits(group, pattern) for pattern in entry["groups"])), None)


def _denied(resource: Resource, deployer: Mapping[str, Any], version: str) -> Verdict:
    return fails(resource, "apiVersion", version, f"{deployer['name']} {deployer['does']}", ALLOWED, NEXT)


def _fetched(resource: Resource, deployer: Mapping[str, Any], scope: Scope) -> Iterator[Verdict]:
    """What Flux or Argo fetch: from where, and whether it can change unseen."""
    sources = [found for path in deployer["sources"] for found in resource.each(path)]
    pins = [found for path in deployer["pins"] for found in resource.each(path)]
    pinned_elsewhere = resource.type.removeprefix("k8s.") in deployer.get("unpinned", ())
    for found in sources:
        place = found.value if isinstance(found.value, Unknown) else host(_host(str(found.value)))
        if isinstance(place, Unknown):
            yield unresolved(resource, found.path, place, "a source inside the zone")
        elif not (answer := scope.answer(place)).allowed:
            yield fails(resource, found.path, found.value, answer.why, "a source inside the zone", "mirror it in the zone")
        elif not pinned_elsewhere and not any(_pins(resource, pin, found) for pin in pins):
            why = "what is fetched may change without a review"
            yield fails(
                resource, found.path, found.value, why, "a commit, a digest, an exact version", "name the commit, digest or version"
            )
        else:
            yield passes(resource, found.path, found.value)
    told = [*_versions(resource, deployer), *_clusters(resource, deployer, scope)]
    yield from told
    if not sources and not told:
        yield passes(resource, "apiVersion", resource.first("apiVersion"))


def _versions(resource: Resource, deployer: Mapping[str, Any]) -> Iterator[Verdict]:
    """The version of a chart that is named apart from its source; from git or a bucket it is whatever lies there."""
    if resource.type != "k8s.HelmRelease" or resource.first("spec.chart") is None:
        return
    if resource.first("spec.chart.spec.sourceRef.kind") in ("GitRepository", "Bucket"):
        return
    for path in deployer.get("versions", ()):
        version = resource.first(path)
        if isinstance(version, Unknown) or not VERSION.match(str(version)):
            why = "any chart in that range may be installed without a review"
            yield fails(resource, path, version or "any version", why, "one exact version", "name the version")


def _clusters(resource: Resource, deployer: Mapping[str, Any], scope: Scope) -> Iterator[Verdict]:
    """Objects that go to another cluster: where that is, is judged if its address says so."""
    for found in (found for path in deployer.get("clusters", ()) for found in resource.each(path)):
        name = found.value if isinstance(found.value, str) else ""
        if name in deployer.get("here", ()):
            continue
        says = "://" in name and "{" not in name
        place = host(_host(name)) if says else Unknown("it goes to another cluster, and nobody says where that is")
        if isinstance(place, Unknown):
            yield unresolved(resource, found.path, place, "this cluster, or one inside the zone", "deploy it from a stack of that cluster")
        elif not (answer := scope.answer(place)).allowed:
            yield fails(resource, found.path, name, answer.why, "this cluster, or one inside the zone")


def _pins(resource: Resource, pin: Found, source: Found) -> bool:
    """Whether a pin is this source's own, and says one commit or digest, or one version of a chart."""
    beside = source.path.rpartition(".")[0]
    is_chart = bool(resource.each(f"{beside}.chart"))
    exact = PINNED.search(str(pin.value)) or (is_chart and VERSION.match(str(pin.value)))
    return pin.path.startswith(f"{beside}.") and bool(exact)


def _host(address: str) -> str:
    """The host of a URL, or of git's own spelling (git@host:path)."""
    return urlsplit(address).hostname or address.partition("@")[2].partition(":")[0] or address
