"""Kubernetes objects and custom resources travel in a small local Helm chart: a plan then needs neither a live cluster nor
a CRD, and a release is upgraded and removed as one (docs/decisions/0004-custom-resources-in-a-local-chart.md)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modules.clusters.base import Cluster
from modules.resources import helm
from modules.resources.base import Ref, to_yaml
from modules.resources.engine import Added, Part, Stack

CHART = Path(__file__).parent / "chart"

Object = Mapping[str, Any]


def bundle(
    scope: Part,
    cluster: Cluster,
    name: str,
    namespace: str,
    objects: Sequence[Object],
    *,
    after: Sequence[Added[Any]] = (),
    wait: bool = True,
    write_only: Mapping[str, Ref] | None = None,
    revision: int | None = None,
) -> Added[helm.Release]:
    """One release holding these objects. `wait=False` for models: they may take longer to load than an apply should.
    `write_only` values (path → value) are sent when `revision` grows and kept otherwise."""
    keyed = {f"{item['kind']}-{item['metadata'].get('namespace', '')}-{item['metadata']['name']}".lower(): item for item in objects}
    if len(keyed) != len(objects):
        raise ValueError(f"bundle {name} holds the same object twice")
    release = helm.Release(
        name=name,
        namespace=namespace,
        chart=Stack.around(scope).chart(CHART),
        values=[to_yaml({"objects": keyed})],
        set_wo=[{"name": path, "value": value} for path, value in write_only.items()] if write_only else None,
        set_wo_revision=revision,
        reuse_values=True if write_only else None,
        wait=wait,
        atomic=wait,
    )
    return cluster.install(Part(scope, name), release, after)
