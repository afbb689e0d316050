"""Shipped environments as they were or might become: validated and synthesized like any other, installed as an apply would.

No Terraform here: what it would know only after an apply (an identity's id, a database's host) is a placeholder, the same before
and after. `test_whole_way.py` has the real values.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

from blueprint.environment import Environment
from blueprint.environment.loading import load
from modules.resources.engine import App
from stacks.inference import InferenceStack
from tests.e2e.harness import nodes
from tests.e2e.harness.cluster import Cluster
from tests.e2e.harness.helm import Helm
from tests.e2e.harness.tools import tool
from tests.modules.platform import ENVIRONMENTS, Object

EXPRESSION = re.compile(r"(?<!\$)\$\{[^}]*\}")
NAMES = sorted(path.stem for path in ENVIRONMENTS.glob("*.yaml"))
UNKNOWN = "known-after-apply.invalid"
TIMEOUT_S = 120  # a release that waits longer has failed; for real it is up to half an hour


@dataclass(frozen=True)
class Variant:
    """A synthesized environment. `folder` is where Terraform would run."""

    env: Environment
    folder: Path
    stack: Object

    def nodes(self, **counts: int) -> list[Object]:
        """Its nodes: the system pool at its smallest, GPU pools at their largest, or as many as `counts` says."""
        return nodes.of(self.env, self.stack, counts)

    def releases(self, *names: str) -> list[Object]:
        """The releases of our own chart, all of them or those named, as the Helm provider is given them and in the order of their
        dependencies. Logins have write-only values and are left out."""
        found = self.stack["resource"]["helm_release"]
        needs = {key: [need.removeprefix("helm_release.") for need in release.get("depends_on", [])] for key, release in found.items()}
        ours = [found[key] for key in TopologicalSorter(needs).static_order() if key in found and found[key]["chart"].startswith("./")]
        return [self._known(release) for release in ours if "set_wo" not in release and (not names or release["name"] in names)]

    def with_pods(self) -> list[Object]:
        """The releases that bring pods, and what pods need."""
        return self.releases("foundation", "model-identity", "gateway", *(f"model-{name}" for name in self.env.models))

    def _known(self, release: Object) -> Object:
        values = [EXPRESSION.sub(UNKNOWN, text).replace("$${", "${").replace("%%{", "%{") for text in release["values"]]
        return {**release, "chart": str(self.folder / release["chart"]), "values": values, "timeout": TIMEOUT_S}


def synthesize(folder: Path, name: str, **changes: Any) -> Variant:
    """A shipped environment with some values replaced, however deep; what does not validate is refused as for a user."""
    folder.mkdir(parents=True, exist_ok=True)
    document = merged(yaml.safe_load((ENVIRONMENTS / f"{name}.yaml").read_text()), changes)
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    env = load(file)
    app = App(outdir=str(folder))
    InferenceStack(app, env)
    app.synth()
    place = folder / "stacks" / name
    return Variant(env, place, json.loads((place / "cdk.tf.json").read_text()))


def with_other_weights(folder: Path, variant: Variant) -> Variant:
    """The same environment with other weights in every model: each of its pods is another one."""
    change = {"weights_digest": f"sha256:{'0' * 64}"}
    return synthesize(folder, variant.env.name, models=dict.fromkeys(variant.env.models, change))


def install(cluster: Cluster, releases: Sequence[Object]) -> None:
    """Hand releases to the real Helm, as the Helm provider does. Raises HelmError."""
    helm = Helm(tool("helm"), cluster.kubeconfig)
    for release in releases:
        helm.apply(release)


def objects(releases: Sequence[Object]) -> list[Object]:
    """What releases hold."""
    return [item for release in releases for text in release["values"] for item in yaml.safe_load(text)["objects"].values()]


def kinds(releases: Sequence[Object]) -> set[str]:
    """The kinds of what releases hold."""
    return {item["kind"] for item in objects(releases)}


def merged(ours: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Nested maps joined; where both set a value, the change counts, and None takes it away."""
    joined = {key: merged(ours.get(key) or {}, value) if isinstance(value, Mapping) else value for key, value in changes.items()}
    return {key: value for key, value in {**ours, **joined}.items() if value is not None}
