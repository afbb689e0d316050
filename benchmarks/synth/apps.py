"""The apps that are measured; `measure` starts each as `python -m benchmarks.synth.apps NAME OUTDIR ENVIRONMENT COUNT`."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def floor(outdir: Path) -> None:
    """What importing the CDK and synthesizing nothing costs."""
    from cdktf import App

    App(outdir=str(outdir)).synth()


def prebuilt(outdir: Path) -> None:
    """One resource group by the azurerm bindings generated for cdktf."""
    from cdktf import App, TerraformStack
    from cdktf_cdktf_provider_azurerm.provider import AzurermProvider
    from cdktf_cdktf_provider_azurerm.resource_group import ResourceGroup

    app = App(outdir=str(outdir))
    stack = TerraformStack(app, "prebuilt")
    AzurermProvider(stack, "azurerm", features=[{}])
    ResourceGroup(stack, "group", name="rg", location="westeurope")
    app.synth()


def environments(outdir: Path, name: str, count: int) -> None:
    """`main.py` with that many environments, each read from a file of its own."""
    from blueprint.environment.loading import load
    from main import synthesize

    text = (ROOT / "environments" / f"{name}.yaml").read_text()
    outdir.mkdir(parents=True)
    loaded = []
    for index in range(count):
        file = outdir / f"env{index}.yaml"
        file.write_text(text)
        loaded.append(load(file))
    synthesize(loaded, outdir)


if __name__ == "__main__":
    app, folder, environment, number = sys.argv[1:]
    if app in ("floor", "prebuilt"):
        {"floor": floor, "prebuilt": prebuilt}[app](Path(folder))
    else:
        environments(Path(folder), environment, int(number))
