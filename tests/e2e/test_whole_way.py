"""`cdktf deploy eu-prod` in the steps of docs/how-to/first-deploy.md, from nothing to nothing.

Real: the command line, synthesis, Terraform, Helm, the API server and its controllers. Stand-ins: the cloud's providers, and the
part of the Helm provider between Terraform and Helm (`helm_provider/`). Charts of others are recorded and not installed.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from blueprint import terraform
from blueprint.environment.loading import load
from blueprint.rehearsal import mirror
from blueprint.rehearsal.commands import clean_environment
from blueprint.rehearsal.standin.inventory import Inventory, Thing
from tests.e2e.harness import crds, nodes
from tests.e2e.harness.bundle import helm
from tests.e2e.harness.cluster import Cluster
from tests.e2e.harness.processes import stop
from tests.e2e.harness.tools import tool
from tests.e2e.helm_provider.provider import RECORDED
from tests.modules.platform import ENVIRONMENTS, Object

CLI = mirror.PROJECT / "node_modules" / ".bin" / "cdktf"
NAME = "eu-prod"
PATIENCE_S = 600
# What a cluster writes by itself, at any time.
RESTLESS = {"Event", "Lease", "Node"}

pytestmark = pytest.mark.skipif(not CLI.exists(), reason="the cdktf command line is not installed; `make setup` does that")


@dataclass(frozen=True)
class Shell:
    """A shell turned to the stand-ins, as after `eval "$(blueprint standins)"`, with Helm turned to the cluster."""

    folder: Path
    cluster: Cluster

    def run(self, command: str) -> str:
        """What a command says; where it fails, the test does."""
        exports = "\n".join(mirror.exports(self.folder))
        mirror.write(self.folder, terraform.find().registry, {"helm": "tests.e2e.helm_provider"})
        places = {"STANDIN_HELM": str(tool("helm")), "STANDIN_KUBECONFIG": str(self.cluster.kubeconfig)}
        environment = {**clean_environment(), **places, "HOME": str(self.folder / "home"), "CI": "1", "FORCE_COLOR": "0"}
        command_line = ["sh", "-ec", f"{exports}\n{command}"]
        with subprocess.Popen(
            command_line, cwd=mirror.PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0
        ) as shell:
            try:
                output = shell.communicate(timeout=PATIENCE_S)[0].decode()
            finally:
                stop(shell)
        assert shell.returncode == 0, output
        return output

    def cloud(self, kind: str = "") -> list[Thing]:
        """What exists in the stand-ins' cloud, of a kind or of all."""
        return [thing for thing in Inventory(self.folder / "cloud").things() if thing.kind.startswith(kind)]

    def releases(self) -> dict[str, str]:
        """Releases and what became of them: name → `deployed` or `recorded, not installed`."""
        return {thing.attributes["name"]: thing.attributes["status"] for thing in self.cloud("helm_release")}

    def stack(self) -> Object:
        """What was synthesized last."""
        found: Object = json.loads((self.folder / "cdktf.out" / "stacks" / NAME / "cdk.tf.json").read_text())
        return found


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with Cluster.start() as cluster:
        crds.install(cluster)
        yield Shell(tmp_path, cluster)


def test_deploy_and_destroy_go_the_whole_way(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    empty = everything(shell.cluster)

    assert "Apply complete!" in shell.run(f"BLUEPRINT_LAYER=foundation cdktf deploy {NAME} --auto-approve")
    assert shell.cloud("azurerm_kubernetes_cluster")
    assert everything(shell.cluster) == empty
    shell.cluster.apply(nodes.of(load(ENVIRONMENTS / f"{NAME}.yaml"), shell.stack()))

    assert "Apply complete!" in shell.run(f"cdktf deploy {NAME} --auto-approve")
    ours, others = by_origin(shell.stack())
    assert shell.releases() == {**dict.fromkeys(ours, "deployed"), **dict.fromkeys(others, RECORDED)}
    with capsys.disabled():
        print(f"\n{len(ours)} releases handed to Helm; recorded and not installed: {', '.join(sorted(others))}")
    assert set(helm(shell.cluster, "list", "--all-namespaces", "--short").stdout.split()) == ours
    assert identities(shell.cluster) <= {thing.attributes["client_id"] for thing in shell.cloud("azurerm_user_assigned_identity")}
    assert len(identities(shell.cluster)) == 2

    assert "No changes." in shell.run(f"cdktf diff {NAME}")

    assert "Destroy complete!" in shell.run(f"cdktf destroy {NAME} --auto-approve")
    assert shell.cloud() == []
    shell.cluster.wait_for("nothing of ours is left on the server", lambda: everything(shell.cluster) == empty, 30)


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


def identities(cluster: Cluster) -> set[str]:
    """The cloud identities of service accounts: known only once the cloud has made them."""
    accounts = cluster.items("serviceaccounts")
    marks = (account["metadata"].get("annotations", {}).get("azure.workload.identity/client-id") for account in accounts)
    return {mark for mark in marks if mark}
