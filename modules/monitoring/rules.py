"""Recordings and alerts as PrometheusRules: one object per group, so that a person finds an alert where its file says it is."""

from collections.abc import Sequence
from itertools import groupby

from blueprint.environment import Environment
from blueprint.monitoring import Group, groups, load
from modules.manifests import Object
from modules.manifests.objects import resource


def rules(env: Environment, namespace: str) -> Sequence[Object]:
    """The PrometheusRules of an environment."""
    found = sorted(groups(load(), env), key=_object)
    return [_prometheus_rule(name, namespace, list(members)) for name, members in groupby(found, key=_object)]


def _object(group: Group) -> str:
    return group.name.partition(".")[0].replace("_", "-")


def _prometheus_rule(name: str, namespace: str, groups: Sequence[Group]) -> Object:
    spec = {"groups": [group.as_dict() for group in groups]}
    return resource("monitoring.coreos.com/v1", "PrometheusRule", name, namespace, spec=spec)
