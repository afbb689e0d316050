"""What goes where through a gateway: Gateway API, Envoy Gateway and Envoy AI Gateway objects as flows.

A flow is a `Resource` of type `flow` within the object that makes it:

    role        primary, canary (a smaller share beside the primary), failover, mirror, ext-proc, ext-auth, identity,
                telemetry, rate-limit, redirect, code (fetched and run), extension
    host, port  where it goes; `Unknown` where the backend is not in the picture or the client chooses it
    backend     the name on the way there; `rule`, `weight`, `priority` and `models` as the route has them
    hostnames   the names clients call; `path` is where in the object the destination stands
    data_class  what a label or annotation `…/data-class` or a match on the header `x-data-class` says; empty: the route does
                not say, so it is the stack's class
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from blueprint.facts.backends import Backends, Objects, key
from blueprint.facts.destinations import DATA_CLASS, Search
from blueprint.facts.model import Resource

GROUPS = ("gateway.networking.k8s.io", "gateway.envoyproxy.io", "aigateway.envoyproxy.io")


def flows(resources: Iterable[Resource]) -> Iterator[Resource]:
    """Every flow of these resources, one for each host it may reach."""
    everything = list(resources)
    objects = {key(found): found for found in everything if found.type.startswith("k8s.")}
    for found in everything:
        if found.type.startswith("k8s.") and str(found.attributes.get("apiVersion", "")).partition("/")[0] in GROUPS:
            if found.type not in ("k8s.Backend", "k8s.AIServiceBackend", "k8s.Gateway"):
                yield from _flows(found, found.attributes.get("spec", found.attributes), objects)
        elif found.type == "helm_release" and isinstance(config := found.first("values.config.envoyGateway"), Mapping):
            yield from _flows(found, config, objects)


def _flows(carrier: Resource, spec: Any, objects: Objects) -> Iterator[Resource]:
    data_class, hostnames = _labelled_class(carrier), carrier.first("spec.hostnames") or []
    for number, destination in enumerate(Search(Backends(carrier, objects)).inside(spec)):
        for host, port in destination.hosts:
            attributes = {
                "data_class": destination.data_class or data_class,
                "route": carrier.address,
                "rule": destination.rule,
                "models": list(destination.models),
                "backend": destination.backend,
                "host": host,
                "port": port,
                "role": destination.role,
                "weight": destination.weight,
                "priority": destination.priority,
                "hostnames": hostnames,
                "path": destination.path,
            }
            yield Resource(
                type="flow",
                address=f"{carrier.address}/flow/{number}/{destination.backend}",
                attributes={name: value for name, value in attributes.items() if value is not None},
                construct=carrier.construct,
                file=carrier.file,
                within=carrier.address,
            )


def _labelled_class(carrier: Resource) -> str:
    for group in ("labels", "annotations"):
        marks = carrier.first(f"metadata.{group}")
        for name, value in marks.items() if isinstance(marks, Mapping) else ():
            if name.rpartition("/")[2] == DATA_CLASS and isinstance(value, str):
                return value
    return ""
