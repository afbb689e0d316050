"""The pipeline's environment as something to be judged: a `setting` for each variable that changes what is planned or scanned,
and for each switch a tool of the pipeline needs, set or not.

The environment is that of this process (`--pipeline`), or what `env` wrote of another one to `pipeline.env` beside the stack.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from blueprint.facts import Facts, Resource, Sensitive
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


def facts(environment: Mapping[str, str]) -> Facts:
    """The settings of an environment. Values may be secrets: they are compared, never shown."""
    watched = [name for name in environment if name.startswith(WATCHED) or OF_A_PLACE.fullmatch(name)]
    return Facts(NAME, tuple(_setting(name, environment) for name in sorted({*watched, *switches()})))


def switches() -> dict[str, tuple[tuple[str, ...], str]]:
    """Variables that keep tools of the pipeline from reporting, with the values that do and what is sent otherwise."""
    software = table("residency/telemetry.yaml")["software"]
    found = (
        (item["env"], tuple(item["is"]), f"{name} sends {software[name]['sends']}") for name in TOOLS for item in software[name]["switches"]
    )
    return {name: (values, sends) for name, values, sends in found}


def _setting(name: str, environment: Mapping[str, str]) -> Resource:
    value = Sensitive(environment[name]) if name in environment else None
    return Resource("setting", f"setting.{name}", {"name": name, "value": value}, construct=f"{NAME}/{name}")
