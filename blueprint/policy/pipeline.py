"""The pipeline's environment as something to be judged: a `setting` for each variable that changes what is planned or scanned,
and for each switch a tool of the pipeline needs, set or not.

The environment is that of this process (`--pipeline`), or what `env` wrote of another one to `pipeline.env` beside the stack. Pipelines
beside several stacks are judged as strictly as the strictest of these.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from blueprint.facts import Facts, Resource, Sensitive, pipelines
from blueprint.facts.reading import OUTPUT
from blueprint.residency_catalog import table

NAME = "pipeline"
FILE = "pipeline.env"
WATCHED = ("TF_", "CKV_", "BC_", "PRISMA_")
# Where providers, backends and exporters find themselves when no file says so.
OF_A_PLACE = re.compile(
    r"(ARM|AWS|AZURE|GOOGLE|CLOUDSDK|SCW|OVH|STACKIT|IONOS|EXOSCALE|OS|TF_HTTP|TF_CLOUD|OTEL_EXPORTER_OTLP)_(\w+_)?"
    r"(REGION|ZONE|LOCATION|ENVIRONMENT|ENDPOINT|ENDPOINT_URL(_\w+)?|ADDRESS|HOSTNAME|METADATA_HOST|URL)"
    r"|TF_VAR_(\w+_)?(?i:region|location)"
)
TOOLS = ("Terraform", "CDK for Terraform")  # what every pipeline of ours runs


def beside(path: Path) -> dict[str, str] | None:
    """The environment written down beside a stack: lines of NAME=value."""
    file = path / FILE
    if not file.is_file():
        return None
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return {name.strip(): value for name, equals, value in (line.partition("=") for line in lines) if equals and not name.startswith("#")}


def around(path: Path) -> Facts | None:
    """The pipelines beside the stacks of a `cdktf.out` or in the project around it, which are of no stack."""
    output = path if (path / "manifest.json").is_file() else path / OUTPUT
    if not (output / "manifest.json").is_file():
        return None
    read = [*pipelines.of_folder(output, but="stacks"), *(pipelines.of_project(path) if output != path else ())]
    found = tuple(resource for resources, _ in read for resource in resources)
    problems = tuple(problem for _, wrong in read for problem in wrong)
    return Facts(path.resolve().name, found, problems=problems) if found or problems else None


def facts(environment: Mapping[str, str]) -> Facts:
    """The settings of an environment. Values may be secrets: they are compared, never shown."""
    watched = [name for name in environment if name.startswith(WATCHED) or OF_A_PLACE.fullmatch(name)]
    return Facts(NAME, tuple(_setting(name, environment) for name in sorted({*watched, *switches("env")})))


def switches(kind: Literal["env", "setting"]) -> dict[str, tuple[tuple[str, ...], str]]:
    """What keeps tools of the pipeline from reporting, with the values that do and what is sent otherwise: variables, or settings in
    a file of their own."""
    software = table("residency/telemetry.yaml")["software"]
    items = ((item, f"{name} sends {software[name]['sends']}") for name in TOOLS for item in software[name]["switches"])
    return {item[kind]: (tuple(item["is"]), sends) for item, sends in items if kind in item}


def _setting(name: str, environment: Mapping[str, str]) -> Resource:
    value = Sensitive(environment[name]) if name in environment else None
    return Resource("setting", f"setting.{name}", {"name": name, "value": value}, construct=f"{NAME}/{name}")
