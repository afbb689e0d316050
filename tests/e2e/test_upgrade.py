"""From one bundle to the next through the real Helm: what must stay keeps its identity, what changed rolls, and what the API server
does not let anyone change is found here and not in a cluster.

Charts of others are not installed. Ours hold no PersistentVolumeClaim; theirs make them from values that no test here sees.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from modules.serving import vllm
from tests.e2e import kept, site, variants
from tests.e2e.harness.cluster import Cluster
from tests.e2e.harness.helm import HelmError
from tests.e2e.site import Site
from tests.modules.platform import Object

Key = tuple[str, str, str]  # kind, namespace, name
Snapshot = dict[Key, Object]

# eu-prod as it might have been: another model behind `analysis`, an older engine, a team and an API that are gone today.
OLDER = {
    "models": {"analysis": {"model": "mistral-small-3.2-24b", "format": "bf16", "max_context_tokens": 8192, "schedule": None}},
    "apis": {"former": {"provider": "azure-openai", "model": "gpt-5.4-mini", "region": "westeurope", "deployment": "DataZoneStandard"}},
    "gateway": {"teams": {"marketing": {"data_class": "public"}}},
}
OLDER_ENGINE = "docker.io/vllm/vllm-openai:v0.32.0"
FORMER_API = {("Backend", "gateway", "former"), ("AIServiceBackend", "gateway", "former"), ("BackendSecurityPolicy", "gateway", "former")}
TOKEN = ("Secret", "gateway", "hosted-api-token")
CALLER = ("Deployment", "gateway", "hosted-api-caller")
ANALYSIS = ("Deployment", "inference", "analysis")


def key_of(item: Object) -> Key:
    return item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]


def snapshot(cluster: Cluster, objects: Sequence[Object]) -> Snapshot:
    """These objects as they are on the server; what is not there is left out."""
    kinds = {f"{item['kind']}.{item['apiVersion'].rpartition('/')[0]}".rstrip(".") for item in objects}
    found = {key_of(item): item for item in cluster.items(",".join(sorted(kinds)))}
    return {key: found[key] for key in map(key_of, objects) if key in found}


def recreated(before: Snapshot, after: Snapshot) -> list[Key]:
    """What went and came again under its old name: pods, addresses and contents went with it."""
    return [key for key in before.keys() & after.keys() if before[key]["metadata"]["uid"] != after[key]["metadata"]["uid"]]


@dataclass(frozen=True)
class Upgrade:
    """A cluster that went from one bundle to today's. `leaves` is all that today's does not have any more."""

    place: Site
    before: Snapshot
    after: Snapshot
    leaves: set[Key]
    pods: set[str]


def older(folder: Path) -> list[Object]:
    """The releases of eu-prod as it might have been."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vllm, "IMAGE", OLDER_ENGINE)
        return variants.synthesize(folder, "eu-prod", **OLDER).releases()


@pytest.fixture(scope="module", params=["an older environment", "the bundle of the last release"])
def upgrade(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgrade]:
    folder = tmp_path_factory.mktemp("upgrade")
    is_older = request.param == "an older environment"
    earlier, today = older(folder / "before") if is_older else kept.releases(), variants.synthesize(folder / "after", "eu-prod")
    with site.running(today, earlier) as place:
        place.run(analysis=2, classify=1, nightly=0)
        place.cluster.kubectl("patch", "secret", TOKEN[2], f"--namespace={TOKEN[1]}", '--patch={"stringData": {"apiKey": "a token"}}')
        known = [*variants.objects(earlier), *variants.objects(today.releases())]
        before, pods = snapshot(place.cluster, known), uids(place)
        place.install(today.releases())
        for name in today.env.models:
            place.cluster.kubectl("rollout", "status", f"deployment/{name}", f"--namespace={site.NAMESPACE}", "--timeout=120s")
        yield Upgrade(place, before, snapshot(place.cluster, known), FORMER_API if is_older else set(), pods)


def uids(place: Site) -> set[str]:
    return {pod["metadata"]["uid"] for pod in place.pods(namespace="")}


def test_nothing_is_recreated(upgrade: Upgrade) -> None:
    """Namespaces, Services, Secrets, identities, keys, routes: everything."""
    assert len(upgrade.before) > 50
    assert recreated(upgrade.before, upgrade.after) == []


def test_nothing_goes_that_is_not_meant_to(upgrade: Upgrade) -> None:
    """A new name is a new object beside the loss of the old one; what a release takes away is listed above, and in the changelog."""
    assert upgrade.before.keys() - upgrade.after.keys() == upgrade.leaves


def test_what_others_wrote_stays(upgrade: Upgrade) -> None:
    """The token a pod renews, and the replicas KEDA chose."""
    assert upgrade.after[TOKEN]["data"] == upgrade.before[TOKEN]["data"] != {}
    assert upgrade.after[ANALYSIS]["spec"]["replicas"] == 2


def test_only_what_changed_rolls(upgrade: Upgrade) -> None:
    for key in (key for key in upgrade.before if key[0] == "Deployment"):
        same_pods = upgrade.before[key]["spec"]["template"] == upgrade.after[key]["spec"]["template"]
        revisions = [
            found[key]["metadata"]["annotations"]["deployment.kubernetes.io/revision"] for found in (upgrade.before, upgrade.after)
        ]
        assert (revisions[0] == revisions[1]) == same_pods, key
    assert upgrade.before[CALLER]["metadata"]["generation"] == upgrade.after[CALLER]["metadata"]["generation"]


def test_the_same_bundle_again_changes_nothing(upgrade: Upgrade) -> None:
    pods = uids(upgrade.place)
    upgrade.place.install(upgrade.place.variant.releases())
    again = snapshot(upgrade.place.cluster, variants.objects(upgrade.place.variant.releases()))
    assert {key: item["metadata"].get("generation") for key, item in again.items()} == {
        key: upgrade.after[key]["metadata"].get("generation") for key in again
    }
    assert uids(upgrade.place) == pods


def test_another_engine_and_model_roll_the_pods(tmp_path: Path) -> None:
    """Or `only what changed rolls` could pass with nothing changed."""
    before, after = (
        {key_of(item): item for item in variants.objects(found)}
        for found in (older(tmp_path / "before"), variants.synthesize(tmp_path / "after", "eu-prod").releases())
    )
    assert before[ANALYSIS]["spec"]["template"] != after[ANALYSIS]["spec"]["template"]
    assert before[CALLER] == after[CALLER]


# ── mistakes: each would pass every test on JSON ──


def _selector(item: Object) -> None:
    item["spec"]["selector"]["matchLabels"]["tier"] = item["spec"]["template"]["metadata"]["labels"]["tier"] = "model"


def _cluster_address(item: Object) -> None:
    item["spec"]["clusterIP"] = "10.96.0.99"


def _priority(item: Object) -> None:
    item["value"] += 1


def _role(item: Object) -> None:
    item["roleRef"]["name"] = "another"


def _secret_type(item: Object) -> None:
    item["type"] = "kubernetes.io/basic-auth"


MISTAKES: dict[str, tuple[str, Key, Callable[[Object], None], str]] = {
    "another selector": ("model-analysis", ANALYSIS, _selector, "field is immutable"),
    "an address for a headless Service": (
        "model-analysis",
        ("Service", "inference", "analysis"),
        _cluster_address,
        "may not change once set|field is immutable",
    ),
    "another priority": ("foundation", ("PriorityClass", "", "inference-realtime"), _priority, "may not be changed"),
    "another role": ("gateway", ("RoleBinding", "gateway", "hosted-api-caller"), _role, "cannot change roleRef"),
    "another type of Secret": ("gateway", TOKEN, _secret_type, "field is immutable"),
}


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    variant = variants.synthesize(tmp_path_factory.mktemp("today"), "eu-prod")
    with site.running(variant, variant.releases()) as place:
        yield place


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_cannot_be_changed_is_refused_and_harms_nothing(today: Site, mistake: str) -> None:
    release, key, change, complaint = MISTAKES[mistake]
    releases = today.variant.releases()
    before, pods = snapshot(today.cluster, variants.objects(releases)), uids(today)
    with pytest.raises(HelmError, match=complaint):
        today.install([edited(found, key, change) for found in releases if found["name"] == release])
    assert recreated(before, snapshot(today.cluster, variants.objects(releases))) == []
    assert uids(today) == pods
    today.install([found for found in releases if found["name"] == release])  # and the next good one goes through


def test_a_renamed_object_would_be_found(today: Site) -> None:
    before = snapshot(today.cluster, variants.objects(today.variant.releases()))
    (release,) = (found for found in today.variant.releases() if found["name"] == "model-classify")

    def rename(item: Object) -> None:
        item["metadata"]["name"] = "classifier"

    service = ("Service", "inference", "classify")
    today.install([edited(release, service, rename)])
    assert before.keys() - snapshot(today.cluster, variants.objects(today.variant.releases())).keys() == {service}
    today.install([release])
    assert recreated(before, snapshot(today.cluster, variants.objects(today.variant.releases()))) == [service]


def edited(release: Object, key: Key, change: Callable[[Object], Any]) -> Object:
    """A release with one of its objects changed by hand."""
    values = [yaml.safe_load(text) for text in release["values"]]
    for item in (item for document in values for item in document["objects"].values() if key_of(item) == key):
        change(item)
    return {**release, "values": [yaml.safe_dump(document) for document in values]}
