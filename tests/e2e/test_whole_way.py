"""`cdktf deploy` in the steps of docs/how-to/first-deploy.md, from nothing to nothing, once per cloud.

Real: the command line, synthesis, Terraform, Helm, the API server and its controllers. Stand-ins: the cloud's providers, and the
part of the Helm provider between Terraform and Helm (`helm_provider/`). Charts of others are recorded and not installed.
"""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blueprint.rehearsal import mirror
from tests.e2e import shell
from tests.e2e.conftest import NOTE
from tests.e2e.harness.cluster import Cluster
from tests.e2e.helm_provider.provider import RECORDED
from tests.e2e.shell import Shell
from tests.modules.platform import Object

CLI = mirror.PROJECT / "node_modules" / ".bin" / "cdktf"
# What a cluster writes by itself, at any time.
RESTLESS = {"Event", "Lease", "Node"}

pytestmark = pytest.mark.skipif(not CLI.exists(), reason="the cdktf command line is not installed; `make setup` does that")


def azure_identities_arrive(found: Shell) -> None:
    """Service accounts are marked with identities that are known only once the cloud has made them."""
    annotations = (account["metadata"].get("annotations", {}) for account in found.cluster.items("serviceaccounts"))
    marks = {mark for each in annotations if (mark := each.get("azure.workload.identity/client-id"))}
    assert marks <= {thing.attributes["client_id"] for thing in found.cloud("azurerm_user_assigned_identity")}
    assert len(marks) == 2


def scaleway_keys_arrive(found: Shell) -> None:
    """Keys go from the cloud into Secrets as write-only values: no release's state holds them, and an upgrade that is not given them
    again leaves them alone."""
    keys = {thing.attributes["secret_key"]: thing.attributes["access_key"] for thing in found.cloud("scaleway_iam_api_key")}
    before = logins(found.cluster)
    passwords = {login["password"] for data in before.values() for login in pulled(data)}
    reader = before["external-secrets", "secret-store-login"]
    assert passwords | {reader["secret-key"]} <= keys.keys()
    assert keys[reader["secret-key"]] == reader["access-key"]
    written = {release["namespace"] for release in found.ours() if release["name"].startswith("login-")}
    assert {namespace for namespace, _ in before} == written != set()
    assert not [key for key in keys if key in json.dumps(found.releases())]
    for release in (release for release in found.ours() if release["set_wo_revision"]):
        found.helm().apply({**release, "chart": str(found.variant.folder / release["chart"])})
    assert logins(found.cluster) == before


CLOUDS: dict[str, tuple[str, Callable[[Shell], None]]] = {
    "eu-prod": ("azurerm_kubernetes_cluster", azure_identities_arrive),
    "fr-prod": ("scaleway_k8s_cluster", scaleway_keys_arrive),
}


@pytest.fixture(params=CLOUDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    with shell.opened(tmp_path, request.param) as found:
        yield found


def test_deploy_and_destroy_go_the_whole_way(empty: Shell, record_property: Callable[[str, object], None]) -> None:
    name, nothing = empty.variant.env.name, everything(empty.cluster)
    kind_of_cluster, what_the_cloud_made_arrives = CLOUDS[name]

    assert "Apply complete!" in empty.run(f"BLUEPRINT_LAYER=foundation cdktf deploy {name} --auto-approve")
    assert empty.cloud(kind_of_cluster)
    assert everything(empty.cluster) == nothing
    empty.cluster.apply(empty.variant.nodes())

    assert "Apply complete!" in empty.run(f"cdktf deploy {name} --auto-approve")
    ours, others = by_origin(empty.variant.stack)
    became = {release["name"]: release["status"] for release in empty.releases()}
    assert became == {**dict.fromkeys(ours, "deployed"), **dict.fromkeys(others, RECORDED)}
    record_property(NOTE, f"{name}: {len(ours)} releases handed to Helm; recorded and not installed: {', '.join(sorted(others))}")
    assert empty.helm().installed() == ours
    what_the_cloud_made_arrives(empty)

    assert "No changes." in empty.run(f"cdktf diff {name}")

    assert "Destroy complete!" in empty.run(f"cdktf destroy {name} --auto-approve")
    assert empty.cloud() == []
    empty.cluster.wait_for("nothing of ours is left on the server", lambda: everything(empty.cluster) == nothing, 30)


def everything(cluster: Cluster) -> set[tuple[str, str, str]]:
    """All objects on the server of every kind it knows: kind, name and uid."""
    kinds = cluster.kubectl("api-resources", "--verbs=list", "--output=name").stdout.split()
    found = [item for item in cluster.items(",".join(kinds)) if item["kind"] not in RESTLESS]
    return {(item["kind"], item["metadata"]["name"], item["metadata"].get("uid", "")) for item in found}


def by_origin(stack: Object) -> tuple[set[str], set[str]]:
    """Names of the releases of our own chart, and of those of others."""
    releases = stack["resource"]["helm_release"].values()
    ours = {release["name"] for release in releases if release["chart"].startswith("./")}
    return ours, {release["name"] for release in releases} - ours


def logins(cluster: Cluster) -> dict[tuple[str, str], dict[str, str]]:
    """Our Secrets that hold a login, in clear: (namespace, name) → what they hold."""
    found = [item for item in cluster.items("secrets") if item["metadata"]["name"] in ("registry-login", "secret-store-login")]
    return {
        (item["metadata"]["namespace"], item["metadata"]["name"]): {
            key: base64.b64decode(value).decode() for key, value in item["data"].items()
        }
        for item in found
    }


def pulled(data: dict[str, str]) -> list[dict[str, str]]:
    """The logins to registries in a Secret."""
    return list(json.loads(data.get(".dockerconfigjson", '{"auths": {}}'))["auths"].values())
