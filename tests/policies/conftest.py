"""The shipped environments, synthesized once with every image locked (digests of a registry that holds the names themselves)."""

import hashlib
import json
from pathlib import Path

import pytest

from blueprint.environment.loading import load_all
from blueprint.images import bundle, guard, lock
from modules.resources.engine import App
from stacks.inference import InferenceStack

ENVIRONMENTS = load_all(Path(__file__).parents[2] / "environments")


def _synthesize(outdir: Path) -> dict[str, Path]:
    app = App(outdir=str(outdir))
    for env in ENVIRONMENTS.values():
        InferenceStack(app, env)
    app.synth()
    return {name: outdir / "stacks" / name for name in ENVIRONMENTS}


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _lock(name: str, stack: Path) -> None:
    found = bundle.read(json.loads((stack / "cdk.tf.json").read_text()))
    images = {image: lock.Image(digest=_digest(image), used_by=users) for image, users in found.images.items()}
    charts = {chart: lock.Chart(version=version, digest=_digest(f"{chart} {version}")) for chart, version in found.charts.items()}
    lock.path(name).write_text(lock.render(lock.Lock(platform="linux/amd64", images=images, charts=charts), name))


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `cdktf.out` of all of them."""
    folder = tmp_path_factory.mktemp("shipped")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lock, "FOLDER", folder)
        for name, stack in _synthesize(folder / "unlocked").items():
            _lock(name, stack)
        for name, stack in _synthesize(folder / "cdktf.out").items():
            guard.protect(ENVIRONMENTS[name], stack)
    return folder / "cdktf.out"
