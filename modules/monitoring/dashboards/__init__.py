"""What people look at: one file per dashboard, read, given the environment's limits and shipped as ConfigMaps.

In an expression `$of_cluster`, `$of_model`, `$of_node`, `$of_route` and `$of_consumer` stand for the matchers of the variables on top of
the page. How a file becomes Grafana's JSON is in grafana.py and panels.py; why we write it ourselves in docs/decisions/0020.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from blueprint.environment import Environment
from modules.addons.kube_prometheus_stack import DASHBOARD_LABEL, FOLDER, NAMESPACE
from modules.manifests import Object
from modules.manifests.objects import resource
from modules.monitoring.dashboards import grafana
from modules.monitoring.dashboards.models import Dashboard

HERE = Path(__file__).parent
IN_FOLDER = "Inference"


@cache
def load() -> dict[str, Dashboard]:
    """Every dashboard by file name."""
    read = {path.stem: yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) for path in sorted(HERE.glob("*.yaml"))}
    return {name: Dashboard.model_validate({"name": name, **content}) for name, content in read.items()}


def config_maps(env: Environment) -> Sequence[Object]:
    """One per dashboard, in the folder Grafana shows them in."""
    return [_config_map(name, json.dumps(grafana.render(one, env), ensure_ascii=False, indent=1)) for name, one in load().items()]


def _config_map(name: str, content: str) -> Object:
    labels, annotations = {DASHBOARD_LABEL: "1"}, {FOLDER: IN_FOLDER}
    data = {f"{name}.json": content}
    return resource("v1", "ConfigMap", f"dashboard-{name}", NAMESPACE, labels=labels, annotations=annotations, data=data)
