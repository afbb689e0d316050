"""The Helm releases of an environment, as an apply would hand them to Helm, and their installation by the real Helm.

Terraform itself fills in what is known only after an apply: the environment is synthesized as for a deploy and applied to the
stand-in providers of the rehearsal, and the releases' values are read from the resulting state. So an identity's client id or
a database's host name is what the stand-in made up, of the form the provider gives it. Write-only values stand in no state, so
here an output beside the stack holds them.

Releases of our own chart can be installed. Charts of others lie in registries and are not fetched: `installable` is false.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

from blueprint import terraform
from blueprint.environment import Environment
from blueprint.environment.loading import load
from blueprint.rehearsal import mirror
from blueprint.rehearsal.commands import clean_environment
from tests.e2e.harness.cluster import Cluster, Refused
from tests.e2e.harness.tools import tool

Object = dict[str, Any]
ENVIRONMENTS = Path(__file__).parents[3] / "environments"
WRITE_ONLY = "write_only"
NAMES = sorted(path.stem for path in ENVIRONMENTS.glob("*.yaml"))


@dataclass(frozen=True)
class Release:
    """One Helm release. `chart` is a folder for our own chart, an address for others'; `settings` are single values on top, in
    Helm's `--set` notation."""

    name: str
    namespace: str
    chart: str
    values: Object
    version: str | None = None
    wait: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def installable(self) -> bool:
        return not self.chart.startswith("oci://")

    @property
    def objects(self) -> list[Object]:
        """The Kubernetes objects of a release of our own chart."""
        return list(self.values["objects"].values()) if self.installable else []


@dataclass(frozen=True)
class Bundle:
    """Everything an environment installs into its cluster, in an order in which it can be installed."""

    env: Environment
    stack: Object
    releases: Sequence[Release]

    @property
    def installable(self) -> list[Release]:
        return [release for release in self.releases if release.installable]

    @property
    def foreign(self) -> list[Release]:
        return [release for release in self.releases if not release.installable]

    @property
    def objects(self) -> list[Object]:
        return [item for release in self.installable for item in release.objects]


def of(name: str, folder: Path) -> Bundle:
    """Synthesize and apply one environment on stand-ins in `folder`, which must stay as long as the bundle is used."""
    found = terraform.find()
    mirror.write(folder, found.registry)
    settings = {**clean_environment(), **mirror.environment(folder), "CDKTF_OUTDIR": str(folder / "cdktf.out")}
    _run([sys.executable, str(mirror.PROJECT / "main.py"), name], mirror.PROJECT, settings)
    place = folder / "cdktf.out" / "stacks" / name
    stack = json.loads((place / "cdk.tf.json").read_text())
    (place / "write_only.tf.json").write_text(json.dumps({"output": {WRITE_ONLY: {"value": _write_only(stack), "sensitive": True}}}))
    _run([str(found.path), "init", "-input=false"], place, settings)
    _run([str(found.path), "apply", "-auto-approve", "-input=false", "-refresh=false", "-parallelism=20"], place, settings)
    state = json.loads((folder / "state" / f"{name}.tfstate").read_text())
    return Bundle(load(ENVIRONMENTS / f"{name}.yaml"), stack, list(_releases(stack, state, place)))


def install(cluster: Cluster, releases: Sequence[Release]) -> list[str]:
    """Install or upgrade releases of our own chart one after the other; returns what Helm and the API server warned about, each
    line with its release.

    Raises:
        Refused: Helm failed; the message is what it said.
    """
    return [f"{release.name}: {line}" for release in releases for line in _install(cluster, release)]


def helm(cluster: Cluster, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the real Helm on a cluster.

    Raises:
        Refused: it ended with an error.
    """
    done = subprocess.run([tool("helm"), *arguments], input=stdin, capture_output=True, text=True, env=cluster.environment)
    if done.returncode:
        raise Refused(done.stderr.strip())
    return done


def _install(cluster: Cluster, release: Release) -> list[str]:
    """As the Helm provider does it, which embeds Helm 3: changes merged on the client's side, and Helm 3's idea of ready."""
    settings = [f"--set={path}={value}" for path, value in release.settings.items()]
    wait = "--wait=legacy" if release.wait else "--wait=hookOnly"
    options = [f"--namespace={release.namespace}", "--server-side=false", wait, "--timeout=120s", "--values=-", *settings]
    done = helm(cluster, "upgrade", "--install", release.name, release.chart, *options, stdin=json.dumps(release.values))
    return [line for line in done.stderr.splitlines() if line.strip()]


def _releases(stack: Object, state: Object, place: Path) -> Iterator[Release]:
    applied = {item["name"]: item["instances"][0]["attributes"] for item in state["resources"] if item["type"] == "helm_release"}
    secrets = state["outputs"][WRITE_ONLY]["value"]
    for key in _in_order(stack["resource"]["helm_release"]):
        found = applied[key]
        chart = found["chart"] if found["chart"].startswith("oci://") else str(place / found["chart"])
        values: Object = {}
        for text in found.get("values") or []:
            values = _merged(values, yaml.safe_load(text))
        version, wait = found.get("version"), bool(found["wait"])
        yield Release(found["name"], found["namespace"], chart, values, version, wait, secrets[key])


def _in_order(releases: Mapping[str, Object]) -> list[str]:
    """Keys of the releases, each after those it depends on."""
    prefix = "helm_release."
    needs = {
        key: sorted(need.removeprefix(prefix) for need in release.get("depends_on", []) if need.startswith(prefix))
        for key, release in releases.items()
    }
    return list(TopologicalSorter(needs).static_order())


def _merged(ours: Object, theirs: Object) -> Object:
    """Files of values as Helm merges them: maps join, anything else is replaced."""
    both = {key: _merged(ours[key], theirs[key]) for key in ours.keys() & theirs.keys() if isinstance(ours[key], dict)}
    return {**ours, **theirs, **both}


def _write_only(stack: Object) -> dict[str, dict[str, str]]:
    """The write-only settings of each release, as Terraform expressions."""
    releases = stack["resource"]["helm_release"].items()
    return {key: {wish["name"]: wish["value"] for wish in release.get("set_wo") or []} for key, release in releases}


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
