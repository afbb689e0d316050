"""The Terraform commands of a rehearsal, and what Terraform says in its own words."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blueprint.errors import BlueprintError
from blueprint.rehearsal.process import run
from blueprint.terraform import Terraform

Json = dict[str, Any]

# Nothing of the real thing may reach a rehearsal: neither credentials nor Terraform's own settings.
PRIVATE = ("ARM_", "AWS_", "AZURE_", "GOOGLE_", "HELM_", "KUBE", "SCW_", "TF_", "CDKTF_")


class TerraformError(BlueprintError):
    """Terraform refused; its diagnostics are the message."""

    exit_code = 1


def clean_environment() -> dict[str, str]:
    """Our environment without what could lead to a real cloud."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}


@dataclass(frozen=True)
class Commands:
    """Terraform in one stack's directory. Every method raises TerraformError when Terraform does not succeed."""

    terraform: Terraform
    stack: Path
    environment: Mapping[str, str]

    def init(self) -> None:
        """Install the providers and check the configuration."""
        output: list[str] = []
        if self._run(output.append, "init", "-input=false", "-no-color"):
            raise TerraformError("\n".join(output).strip())
        output.clear()
        self._run(output.append, "validate", "-json")
        try:
            diagnostics = json.loads("\n".join(output))["diagnostics"]
        except ValueError:
            raise TerraformError("\n".join(output)) from None
        self._check(diagnostics)

    def plan(self, file: str, *options: str) -> list[Json]:
        """Plan into a file; returns the changes planned, each with `action` and `resource.addr`."""
        events = self._events(lambda event: None, "plan", f"-out={file}", *options)
        changes = [event["change"] for event in events if event["type"] == "planned_change"]
        return [change for change in changes if change["action"] != "read"]

    def apply(self, file: str, on_done: Callable[[], None]) -> None:
        """Apply a planned file; `on_done` is called after each change."""
        self._events(lambda event: on_done() if event["type"] == "apply_complete" else None, "apply", file)

    def _events(self, on_event: Callable[[Json], None], *arguments: str) -> list[Json]:
        events: list[Json] = []
        other: list[str] = []

        def take(line: str) -> None:
            try:
                event = json.loads(line)
            except ValueError:
                other.append(line)
                return
            events.append(event)
            on_event(event)

        command, *options = arguments
        failed = self._run(take, command, "-json", "-input=false", *options)
        self._check(event["diagnostic"] for event in events if event["type"] == "diagnostic")
        if failed:
            raise TerraformError("\n".join(other) or f"terraform {command} failed without saying why")
        return events

    def _run(self, on_line: Callable[[str], None], *arguments: str) -> int:
        return run([self.terraform.path, *arguments], self.stack, self.environment, on_line)

    def _check(self, diagnostics: Iterable[Json]) -> None:
        if errors := [diagnostic for diagnostic in diagnostics if diagnostic["severity"] == "error"]:
            configuration = json.loads((self.stack / "cdk.tf.json").read_text())
            raise TerraformError("\n".join(_sentence(error, configuration) for error in errors))


def _sentence(error: Json, configuration: Json) -> str:
    """A diagnostic with the construct it is about."""
    address = error.get("address") or (error.get("snippet") or {}).get("context") or ""
    address = address.removeprefix("resource").removeprefix(".")
    path = construct_path(address, configuration)
    where = f"{path} ({address}): " if path else f"{address}: " if address else ""
    detail = "".join(f"\n    {line}" for line in error.get("detail", "").splitlines())
    return f"{where}{error['summary']}{detail}"


def construct_path(address: str, configuration: Json) -> str:
    """Where in the Python a resource comes from, as cdktf notes it beside each resource; empty if it does not say."""
    kind, _, rest = address.partition(".")
    block = configuration.get(kind) if kind in ("data", "ephemeral") else None
    kind, name = (rest.partition(".")[0], rest.partition(".")[2]) if block is not None else (kind, rest)
    resource = (block if block is not None else configuration.get("resource", {})).get(kind, {}).get(name, {})
    return str(resource.get("//", {}).get("metadata", {}).get("path", ""))
