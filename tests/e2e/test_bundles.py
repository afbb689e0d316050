"""Every environment's bundle on a real control plane with its own nodes: synthesized, applied by the genuine Terraform, installed by
the real Helm.

Charts of others are not fetched: their values are held against the charts' own key lists, their definitions are installed.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import shell, site, variants
from tests.e2e.harness.cluster import Cluster, Object
from tests.e2e.shell import Shell
from tests.e2e.site import Site
from tests.e2e.variants import NAMES
from tests.modules.kubernetes_schemas import value_complaints

# What the API server or Helm may warn about: a part of the warning, and why it stands. One that no longer occurs fails a test.
EXPLAINED: dict[str, str] = {}
GPUS = ("nvidia.com/gpu", "nvidia.com/gpu.shared")
# As a deploy does it, without the command line around it (`test_whole_way.py` has that).
APPLY = """
CDKTF_OUTDIR="$CDKTF_OUTPUT" python main.py {name}
cd "$CDKTF_OUTPUT/stacks/{name}"
"$TERRAFORM_BINARY_NAME" init -input=false
"$TERRAFORM_BINARY_NAME" apply -auto-approve -input=false -refresh=false
"""


@dataclass(frozen=True)
class Installed:
    """An environment after its installation: the shell it was done in, and the objects of our own chart as they were written."""

    shell: Shell
    objects: list[Object]

    @property
    def cluster(self) -> Cluster:
        return self.shell.cluster


@pytest.fixture(scope="module")
def heard() -> dict[str, list[str]]:
    """All warnings so far, by environment."""
    return {}


@pytest.fixture(scope="module", params=NAMES)
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, heard: dict[str, list[str]]) -> Iterator[Installed]:
    with shell.opened(tmp_path_factory.mktemp("bundle"), request.param) as found:
        found.cluster.apply(found.variant.nodes())
        found.run(APPLY.format(name=request.param))
        heard[request.param] = found.warnings()
        yield Installed(found, [item for release in found.ours() for item in shell.values(release)["objects"].values()])


def test_the_api_server_accepts_every_object_as_it_was_written(installed: Installed) -> None:
    """It drops fields it does not know without a word: whatever we wrote must be there afterwards."""
    kinds = {_resource(item) for item in installed.objects}
    live = {_key(item): item for kind in kinds for item in installed.cluster.items(kind)}
    assert {_key(item) for item in installed.objects} <= set(live)
    assert [loss for item in installed.objects for loss in _lost(item, live[_key(item)], "/".join(_key(item)))] == []


def test_no_warning_is_left_unexplained(installed: Installed) -> None:
    assert [warning for warning in installed.shell.warnings() if not any(part in warning for part in EXPLAINED)] == []


def test_all_our_pods_run(installed: Installed) -> None:
    """On the environment's nodes, under its quotas and its namespaces' rules."""
    ours = [item["metadata"] for item in installed.objects if item["kind"] == "Deployment"]
    assert len(ours) >= len(installed.shell.variant.env.models)

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
    model = next(item for item in installed.objects if item["kind"] == "Deployment" and item["metadata"]["namespace"] == "inference")
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": made["metadata"], "spec": model["spec"]["template"]["spec"]}
    assert _refusal(installed.cluster, pod) == ""
    server = {**pod["spec"]["containers"][0], "image": "docker.io/vllm/vllm-openai:latest"}
    assert "(R08)" in _refusal(installed.cluster, {**pod, "spec": {**pod["spec"], "containers": [server]}})


def test_charts_of_others_know_every_value_they_are_given(installed: Installed) -> None:
    others = installed.shell.foreign()
    assert others
    assert {release["name"]: value_complaints(release["chart"].rsplit("/", 1)[1], shell.values(release)) for release in others} == {
        release["name"]: [] for release in others
    }


def test_every_explanation_is_still_needed(heard: dict[str, list[str]]) -> None:
    if set(heard) != set(NAMES):
        pytest.skip("needs the warnings of all environments")
    everything = "\n".join(line for lines in heard.values() for line in lines)
    assert [part for part in EXPLAINED if part not in everything] == []


# ── with as many replicas as each model may have ──


@pytest.fixture(scope="module")
def full(installed: Installed) -> Site:
    found = Site(installed.cluster, installed.shell.variant)
    found.run(**most(found))
    return found


def most(found: Site) -> dict[str, int]:
    """As many replicas as each model may have."""
    return {name: model.replicas.max for name, model in found.variant.env.models.items()}


def test_every_model_runs_on_its_own_pool(full: Site) -> None:
    pools = {node["metadata"]["name"]: node["metadata"]["labels"].get("inference/pool") for node in full.cluster.items("nodes")}
    for name, model in full.variant.env.models.items():
        assert {pools[node] for node in full.nodes_of(name)} == {model.pool}


def test_nothing_but_models_runs_on_gpu_nodes(full: Site) -> None:
    pods = full.pods(namespace="")
    on_gpus = {
        pod["metadata"]["namespace"] for pod in pods if pod["spec"]["nodeName"].rpartition("-")[0] in full.variant.env.cluster.gpu_pools
    }
    assert on_gpus == {site.NAMESPACE}
    assert all(pod["spec"]["nodeName"].startswith("system-") for pod in pods if pod["metadata"]["namespace"] != site.NAMESPACE)


def test_no_card_is_given_out_twice(full: Site) -> None:
    taken: Counter[str] = Counter()
    for pod in full.pods():
        taken[pod["spec"]["nodeName"]] += _gpus(pod)
    room = {node["metadata"]["name"]: sum(int(node["status"]["allocatable"].get(gpu, 0)) for gpu in GPUS) for node in full.variant.nodes()}
    assert all(0 < count <= room[node] for node, count in taken.items())


def test_a_full_house_rolls_without_a_spare_gpu(full: Site, tmp_path: Path) -> None:
    """Every model at once, each replica in use."""
    before = {name: set(full.running(name)) for name in most(full)}
    full.install(variants.with_other_weights(tmp_path, full.variant).releases(*(f"model-{name}" for name in before)))
    for name, replicas in most(full).items():
        full.cluster.kubectl("rollout", "status", f"deployment/{name}", f"--namespace={site.NAMESPACE}", "--timeout=120s")
        full.until(
            f"the old pods of {name} are gone", lambda name=name: not before[name] & {pod["metadata"]["name"] for pod in full.pods(name)}
        )
        assert len(full.running(name)) == replicas


def _gpus(pod: Object) -> int:
    limits = [container["resources"]["limits"] for container in pod["spec"]["containers"]]
    return sum(int(limit.get(resource, 0)) for limit in limits for resource in GPUS)


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
