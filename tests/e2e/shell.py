"""A shell in which an environment is deployed: clouds are stand-ins, Helm and the cluster it installs into are real.

Charts of others lie in registries and are not fetched: the provider's stand-in records their releases (`helm_provider/`).
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from blueprint import terraform
from blueprint.rehearsal import mirror
from blueprint.rehearsal.commands import clean_environment
from blueprint.rehearsal.standin.inventory import Inventory, Thing
from tests.e2e import variants
from tests.e2e.harness import crds
from tests.e2e.harness.cluster import Cluster
from tests.e2e.harness.helm import Helm
from tests.e2e.harness.processes import stop
from tests.e2e.harness.tools import tool
from tests.e2e.variants import Variant
from tests.modules.platform import Object

PATIENCE_S = 600


@dataclass(frozen=True)
class Shell:
    """Turned to the stand-ins, as after `eval "$(blueprint standins)"`, with Helm turned to the cluster. `variant` is the environment
    as it is shipped."""

    folder: Path
    cluster: Cluster
    variant: Variant

    def run(self, command: str) -> str:
        """What a command says; where it fails, the test does."""
        exports = "\n".join(mirror.exports(self.folder))
        mirror.write(self.folder, terraform.find().registry, {"helm": "tests.e2e.helm_provider"})
        with subprocess.Popen(
            ["sh", "-ec", f"{exports}\n{command}"],
            cwd=mirror.PROJECT,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        ) as shell:
            try:
                output = shell.communicate(timeout=PATIENCE_S)[0].decode()
            finally:
                stop(shell)
        assert shell.returncode == 0, output
        return output

    def _environment(self) -> dict[str, str]:
        places = {
            "STANDIN_HELM": tool("helm"),
            "STANDIN_KUBECONFIG": self.cluster.kubeconfig,
            "STANDIN_WARNINGS": self.folder / "warnings",
            "HOME": self.folder / "home",
            "TMPDIR": self.cluster.folder,  # short, as paths of sockets must be
        }
        return {**clean_environment(), **{name: str(place) for name, place in places.items()}, "CI": "1", "FORCE_COLOR": "0"}

    def warnings(self) -> list[str]:
        """What Helm and the API server warned about, each line with its release."""
        file = self.folder / "warnings"
        return file.read_text().splitlines() if file.exists() else []

    def cloud(self, kind: str = "") -> list[Thing]:
        """What exists in the stand-ins' cloud, of a kind or of all."""
        return [thing for thing in Inventory(self.folder / "cloud").things() if thing.kind.startswith(kind)]

    def releases(self) -> list[Object]:
        """All releases as they were handed over: everything known, write-only values left out."""
        return [thing.attributes for thing in self.cloud("helm_release")]

    def ours(self) -> list[Object]:
        """Those of our own chart."""
        return [release for release in self.releases() if not _is_foreign(release)]

    def foreign(self) -> list[Object]:
        """Those of others' charts."""
        return [release for release in self.releases() if _is_foreign(release)]

    def helm(self) -> Helm:
        return Helm(tool("helm"), self.cluster.kubeconfig)


@contextmanager
def opened(folder: Path, name: str) -> Iterator[Shell]:
    """A shell for one environment, with an empty cluster that knows the kinds it writes."""
    variant = variants.synthesize(folder / "variant", name)
    with Cluster.start() as cluster:
        crds.install(cluster, variants.kinds(variant.releases()))
        yield Shell(folder, cluster, variant)


def values(release: Object) -> Object:
    """The values of a release, which all have at most one document of them."""
    (document,) = release["values"] or ["{}"]
    found: Object = yaml.safe_load(document)
    return found


def _is_foreign(release: Object) -> bool:
    return str(release["chart"]).startswith("oci://")
