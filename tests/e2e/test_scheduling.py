"""What the genuine scheduler and controllers do with our models, on nodes like ours (`harness/nodes.py`).

kwok plays the kubelets: a pod that has a node runs at once and ends at once. What is decided here is where, who first, and who may go.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import site, variants
from tests.e2e.harness.cluster import Refused
from tests.e2e.site import Site


@pytest.fixture(scope="module")
def eu_prod_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    variant = variants.synthesize(tmp_path_factory.mktemp("eu-prod"), "eu-prod")
    with site.running(variant, variant.with_pods()) as found:
        yield found


@pytest.fixture
def eu_prod(eu_prod_cluster: Site) -> Iterator[Site]:
    """eu-prod by day: every node there, two replicas of analysis, one of classify, nightly asleep."""
    eu_prod_cluster.uncordon()
    eu_prod_cluster.run(analysis=2, classify=1, nightly=0)
    yield eu_prod_cluster
    eu_prod_cluster.uncordon()


def test_a_model_rather_waits_than_runs_on_another_pool(eu_prod: Site) -> None:
    eu_prod.run(analysis=0)
    eu_prod.cordon("h100-0", "h100-1", "h100-2", "h100-3")
    eu_prod.scale(analysis=1)
    eu_prod.until("the scheduler says why", lambda: eu_prod.why_pending("analysis"))
    assert "didn't match Pod's node affinity/selector" in eu_prod.why_pending("analysis")
    assert eu_prod.nodes_of("analysis") == []


def test_a_system_pod_rather_waits_than_runs_on_a_gpu_node(eu_prod: Site) -> None:
    eu_prod.cordon("system-0", "system-1")
    caller, namespace = "deployment/hosted-api-caller", "gateway"
    eu_prod.cluster.kubectl("rollout", "restart", caller, f"--namespace={namespace}")

    def waiting() -> str:
        messages = [event["message"] for event in eu_prod.cluster.events(namespace) if event["reason"] == "FailedScheduling"]
        return "\n".join(messages)

    eu_prod.until("the scheduler says why", waiting)
    assert "untolerated taint" in waiting()
    assert not [pod for pod in eu_prod.pods(namespace=namespace) if not pod["spec"].get("nodeName", "system-").startswith("system-")]


def test_a_rollout_whose_spare_gpu_is_out_of_stock_serves_on_and_ends_once_it_comes(eu_prod: Site, tmp_path: Path) -> None:
    """The pool's maximum leaves one GPU to surge onto, but the cloud does not have the machine."""
    free = ({"h100-0", "h100-1", "h100-2", "h100-3"} - set(eu_prod.nodes_of("analysis")) - set(eu_prod.nodes_of("classify"))).pop()
    eu_prod.cordon(free)
    before = set(eu_prod.running("analysis"))
    changed = variants.with_other_weights(tmp_path, eu_prod.variant)
    eu_prod.install(changed.releases("model-analysis"))
    eu_prod.until("the new pod waits", lambda: eu_prod.why_pending("analysis"))
    assert set(eu_prod.running("analysis")) == before
    eu_prod.uncordon()
    eu_prod.cluster.kubectl("rollout", "status", "deployment/analysis", f"--namespace={site.NAMESPACE}", "--timeout=120s")
    eu_prod.until("the new pods serve", lambda: len(set(eu_prod.running("analysis")) - before) == 2)
    eu_prod.install(eu_prod.variant.releases("model-analysis"))


def test_a_node_drains_while_its_model_serves_on_elsewhere(eu_prod: Site) -> None:
    leaving, staying = eu_prod.nodes_of("analysis")
    (other,) = eu_prod.pods("classify")
    drain(eu_prod, leaving)
    eu_prod.until("analysis has two replicas again", lambda: len(eu_prod.running("analysis")) == 2)
    assert leaving not in eu_prod.nodes_of("analysis")
    assert staying in eu_prod.nodes_of("analysis")
    assert [pod["metadata"]["uid"] for pod in eu_prod.pods("classify")] == [other["metadata"]["uid"]]


def test_the_only_replica_does_not_keep_a_node_from_draining(eu_prod: Site) -> None:
    (node,) = eu_prod.nodes_of("classify")
    drain(eu_prod, node)
    eu_prod.until("classify runs elsewhere", lambda: eu_prod.nodes_of("classify") not in ([], [node]))


def test_two_replicas_are_never_drained_at_once(eu_prod: Site) -> None:
    """Nowhere to go: the first may leave, the second has to wait for it."""
    first, second = eu_prod.nodes_of("analysis")
    eu_prod.cordon("h100-0", "h100-1", "h100-2", "h100-3")
    drain(eu_prod, first)
    with pytest.raises(Refused, match="would violate the pod's disruption budget"):
        drain(eu_prod, second, timeout_s=6)
    assert len(eu_prod.running("analysis")) == 1


def drain(found: Site, node: str, timeout_s: int = 30) -> None:
    found.cluster.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", f"--timeout={timeout_s}s")


@pytest.fixture(scope="module")
def crowded_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    nightly = {"pool": "h100", "replicas": {"min": 0, "max": 1}}
    variant = variants.synthesize(tmp_path_factory.mktemp("crowded"), "eu-prod", models={"nightly": nightly})
    with site.running(variant, variant.with_pods(), h100=3) as found:
        yield found


@pytest.fixture
def crowded(crowded_cluster: Site) -> Site:
    """eu-prod with its batch model on the pool of the others, and one machine fewer than asked for: three GPUs for up to four
    replicas. All three models run once."""
    crowded_cluster.run(analysis=1, classify=1, nightly=1)
    crowded_cluster.cluster.kubectl("delete", "events", "--all", f"--namespace={site.NAMESPACE}")
    return crowded_cluster


def test_people_who_wait_get_the_gpu_of_a_batch_job(crowded: Site) -> None:
    (node,), others = crowded.nodes_of("nightly"), set(crowded.running("classify"))
    crowded.scale(analysis=2)
    crowded.until("analysis has its second replica", lambda: len(crowded.running("analysis")) == 2)
    assert node in crowded.nodes_of("analysis")
    crowded.until("the scheduler says whom it evicted", lambda: preempted(crowded) == ["nightly"])
    assert set(crowded.running("classify")) == others
    crowded.scale(analysis=1)
    crowded.until("the batch job goes on when the GPU is free", lambda: crowded.nodes_of("nightly"))


def test_a_batch_job_evicts_nobody(crowded: Site) -> None:
    crowded.run(nightly=0)
    crowded.run(analysis=2)
    crowded.scale(nightly=1)
    crowded.until("the scheduler says why", lambda: crowded.why_pending("nightly"))
    assert "Insufficient nvidia.com/gpu" in crowded.why_pending("nightly")
    assert preempted(crowded) == []
    assert len(crowded.running("analysis")) == 2


def test_realtime_models_do_not_evict_each_other(crowded: Site) -> None:
    crowded.run(nightly=0)
    crowded.run(analysis=2)
    crowded.scale(classify=2)
    crowded.until("the scheduler says why", lambda: crowded.why_pending("classify"))
    assert preempted(crowded) == []
    assert len(crowded.running("analysis")) == 2


def preempted(found: Site) -> list[str]:
    """The models whose pods had to make room."""
    events = [event for event in found.cluster.events(site.NAMESPACE) if event["reason"] == "Preempted"]
    return [event["involvedObject"]["name"].split("-")[0] for event in events]


def test_a_model_for_slices_waits_until_the_cards_are_cut(tmp_path: Path) -> None:
    """Before that a whole card would look like a slice."""
    variant = variants.synthesize(tmp_path, "dc-prod")
    with site.running(variant, variant.with_pods()) as found:
        found.run(search=0)
        found.cluster.kubectl("label", "node", "slices-0", "nvidia.com/mig.config.state=pending", "--overwrite")
        found.scale(search=2)
        found.until("the scheduler says why", lambda: found.why_pending("search"))
        assert found.nodes_of("search") == []
        found.cluster.kubectl("label", "node", "slices-0", "nvidia.com/mig.config.state=success", "--overwrite")
        found.until("both replicas run on slices", lambda: len(found.running("search")) == 2)
        assert set(found.nodes_of("search")) == {"slices-0"}
