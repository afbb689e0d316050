"""Every environment's bundle on a real control plane with its own nodes, installed by the real Helm from the synthesized JSON.

Charts of others are not fetched: their values are held against the charts' own key lists, their definitions are installed.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.harness import bundle, crds, nodes
from tests.e2e.harness.bundle import NAMES, Bundle
from tests.e2e.harness.cluster import Cluster, Object
from tests.modules.kubernetes_schemas import value_complaints

# What the API server or Helm may warn about: a part of the warning, and why it stands. One that no longer occurs fails a test.
EXPLAINED: dict[str, str] = {}


@dataclass(frozen=True)
class Installed:
    """An environment after its installation."""

    bundle: Bundle
    cluster: Cluster
    warnings: list[str]


@pytest.fixture(scope="module")
def heard() -> dict[str, list[str]]:
    """All warnings so far, by environment."""
    return {}


@pytest.fixture(scope="module", params=NAMES)
def installed(request: pytest.FixtureRequest, bundles: Callable[[str], Bundle], heard: dict[str, list[str]]) -> Iterator[Installed]:
    wanted = bundles(request.param)
    with Cluster.start() as cluster:
        cluster.apply(nodes.of(wanted.env, wanted.stack))
        crds.install(cluster, {item["kind"] for item in wanted.objects})
        heard[request.param] = bundle.install(cluster, wanted.installable)
        yield Installed(wanted, cluster, heard[request.param])


def test_the_api_server_accepts_every_object_as_it_was_written(installed: Installed) -> None:
    """It drops fields it does not know without a word: whatever we wrote must be there afterwards."""
    kinds = {_resource(item) for item in installed.bundle.objects}
    live = {_key(item): item for kind in kinds for item in installed.cluster.items(kind)}
    assert {_key(item) for item in installed.bundle.objects} <= set(live)
    assert [loss for item in installed.bundle.objects for loss in _lost(item, live[_key(item)], "/".join(_key(item)))] == []


def test_no_warning_is_left_unexplained(installed: Installed) -> None:
    assert [warning for warning in installed.warnings if not any(part in warning for part in EXPLAINED)] == []


def test_all_our_pods_run(installed: Installed) -> None:
    """On the environment's nodes, under its quotas and its namespaces' rules."""
    ours = [item["metadata"] for item in installed.bundle.objects if item["kind"] == "Deployment"]
    assert len(ours) >= len(installed.bundle.env.models)

    def complete() -> bool:
        return all(_complete(installed.cluster.get("deployment", meta["name"], meta["namespace"])) for meta in ours)

    installed.cluster.wait_for("every pod of every deployment runs", complete, 60)


def test_the_api_server_refuses_by_itself_what_the_rules_refuse(installed: Installed) -> None:
    """What somebody makes by hand after every review; its lawful twin is admitted."""
    made = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "by-hand", "namespace": "inference"}}
    outside = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": made["metadata"]}
    port = {"ports": [{"port": 443}]}
    assert _refusal(installed.cluster, {**made, "spec": {**port, "type": "ClusterIP"}}) == ""
    assert "(R53)" in _refusal(installed.cluster, {**made, "spec": {**port, "type": "ExternalName", "externalName": "api.openai.com"}})
    assert "(R07)" in _refusal(installed.cluster, {**outside, "spec": {"podSelector": {}, "egress": [port]}})
    model = next(item for item in installed.bundle.objects if item["kind"] == "Deployment" and item["metadata"]["namespace"] == "inference")
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": made["metadata"], "spec": model["spec"]["template"]["spec"]}
    assert _refusal(installed.cluster, pod) == ""
    server = {**pod["spec"]["containers"][0], "image": "docker.io/vllm/vllm-openai:latest"}
    assert "(R08)" in _refusal(installed.cluster, {**pod, "spec": {**pod["spec"], "containers": [server]}})


def test_charts_of_others_know_every_value_they_are_given(installed: Installed) -> None:
    assert installed.bundle.foreign
    charts = {release.name: release.chart.rsplit("/", 1)[1] for release in installed.bundle.foreign}
    assert {release.name: value_complaints(charts[release.name], release.values) for release in installed.bundle.foreign} == {
        name: [] for name in charts
    }


def test_every_explanation_is_still_needed(heard: dict[str, list[str]]) -> None:
    if set(heard) != set(NAMES):
        pytest.skip("needs the warnings of all environments")
    everything = "\n".join(line for lines in heard.values() for line in lines)
    assert [part for part in EXPLAINED if part not in everything] == []


def _resource(item: Mapping[str, Any]) -> str:
    """The kind as kubectl takes it without doubt: kind.version.group."""
    group, _, version = item["apiVersion"].rpartition("/")
    return f"{item['kind']}.{version}.{group}"


def _key(item: Mapping[str, Any]) -> tuple[str, str, str]:
    return item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]


def _lost(ours: Any, theirs: Any, path: str) -> Iterator[str]:
    """Where the server keeps something else than what was written. Numbers may come back as text (quantities are), and what is empty
    may go."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            yield from _lost(value, theirs.get(key), f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _lost(one, other, f"{path}[{number}]")
    elif str(ours) != str(theirs) and (ours or theirs):
        yield f"{path}: {ours!r} became {theirs!r}"


def _refusal(cluster: Cluster, item: Mapping[str, Any]) -> str:
    done = cluster.kubectl("apply", "--dry-run=server", "--filename=-", stdin=json.dumps(item), check=False)
    return done.stderr if done.returncode else ""


def _complete(deployment: Object) -> bool:
    return bool(deployment) and deployment["status"].get("readyReplicas", 0) == deployment["spec"]["replicas"]
