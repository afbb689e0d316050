"""The only file that imports cdktf or its successor cdktn: `BLUEPRINT_ENGINE` picks one, cdktf by default.

Both give the same JSON but for the version they write into its comment (docs/decisions/0002-one-engine-file.md).

Only stacks, providers and backends are the CDK's objects. Resources are collected here and written into the file the CDK
wrote: an object each would cost six messages to Node, five milliseconds (docs/decisions/0015-resources-beside-the-cdk.md).
"""

import importlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from constructs import Construct

from modules.resources.base import Ref, Resource, render

if TYPE_CHECKING:
    import cdktf as cdk  # the same interface as cdktn
else:
    cdk = importlib.import_module(os.environ.get("BLUEPRINT_ENGINE", "cdktf"))

__all__ = ["Added", "App", "Construct", "Part", "Stack", "cdk"]

R = TypeVar("R", bound=Resource)

PENDING = "written after synthesis"


class _Provider(cdk.TerraformProvider):
    """A provider block. Its settings travel as overrides: cdktf would snake-case the keys of nested maps."""

    def __init__(self, scope: Construct, name: str, source: str, version: str, settings: Mapping[str, Any]) -> None:
        metadata = cdk.TerraformProviderGeneratorMetadata(provider_name=name, provider_version_constraint=version)
        super().__init__(
            scope, f"provider-{name}", terraform_resource_type=name, terraform_provider_source=source, terraform_generator_metadata=metadata
        )
        for key, value in settings.items():
            self.add_override(key, render(value))


class _Backend(cdk.TerraformBackend):
    """A state backend under Terraform's own argument names; cdktf's classes lag behind (`use_lockfile`)."""

    def __init__(self, scope: Construct, name: str, settings: Mapping[str, Any]) -> None:
        super().__init__(scope, "backend", name)
        self._settings = settings

    def _synthesize_attributes(self) -> dict[str, Any]:
        settings: dict[str, Any] = render(self._settings)
        return settings

    def get_remote_state_data_source(self, scope: Construct, name: str, from_stack: str) -> Any:
        raise TypeError("stacks are self-contained: no environment reads another one's state")


class Added(Generic[R]):
    """A resource at its place in the stack: what others refer to."""

    def __init__(self, resource: R, address: str) -> None:
        self.resource = resource
        self.address = address

    def ref(self, path: str) -> Ref:
        """An attribute as an expression, such as `ref("identity[0].principal_id")`."""
        return Ref(f"${{{self.address}.{path}}}")

    @property
    def id(self) -> Ref:
        return self.ref("id")


class Part:
    """A named part of a stack. Addresses are its path and the resource's name."""

    def __init__(self, scope: "Construct | Part", name: str) -> None:
        assert isinstance(scope, Stack | Part), "parts lie in a stack"
        self.stack: Stack = scope if isinstance(scope, Stack) else scope.stack
        self.path: tuple[str, ...] = (*scope.path, name)

    def add(
        self,
        name: str,
        resource: R,
        *,
        depends_on: Sequence["Added[Any]"] = (),
        ignore_changes: Sequence[str] = (),
    ) -> Added[R]:
        """Put a resource into the stack under `<part>_<name>`; the same address twice is refused."""
        label = "_".join((*self.path, name)).replace("-", "_")
        address = f"{'' if resource.block_kind == 'resource' else resource.block_kind + '.'}{resource.terraform_type}.{label}"
        block = resource.arguments()
        if depends_on:
            block["depends_on"] = [other.address for other in depends_on]
        if ignore_changes:
            block["lifecycle"] = {"ignore_changes": list(ignore_changes)}
        if resource.block_kind != "ephemeral":
            path = "/".join((self.stack.name, *self.path, name))
            block["//"] = {"metadata": {"path": path, "uniqueId": label}}
        self.stack.put(resource.block_kind, resource.terraform_type, label, block)
        return Added(resource, address)


class App(cdk.App):
    """What is synthesized: stacks, each into a folder of its own."""

    def __init__(self, outdir: str | None = None) -> None:
        super().__init__(outdir=outdir)
        self.stacks: list[Stack] = []

    def synth(self) -> None:
        """Write every stack."""
        for stack in self.stacks:
            stack.announce()
        super().synth()
        folder = Path(self.outdir, "stacks")
        for stack in self.stacks:
            stack.complete(folder / stack.name / "cdk.tf.json")


class Stack(cdk.TerraformStack):
    """A Terraform root module with explicit provider, Terraform and backend settings."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        assert isinstance(scope, App), "stacks lie in an app"
        scope.stacks.append(self)
        self.name = name
        self.path: tuple[str, ...] = ()
        self.blocks: dict[str, dict[str, dict[str, Any]]] = {}
        self._providers: set[str] = set()
        self._charts: dict[Path, str] = {}

    @staticmethod
    def around(part: Part) -> "Stack":
        """The stack a part belongs to."""
        return part.stack

    def put(self, kind: str, terraform_type: str, label: str, block: dict[str, Any]) -> None:
        """Keep a block until the app is synthesized; cdktf would merge two of one address without a word."""
        named = self.blocks.setdefault(kind, {}).setdefault(terraform_type, {})
        if label in named:
            raise ValueError(f"{terraform_type}.{label} is added twice; give one of them another name")
        named[label] = block

    def announce(self) -> None:
        """Tell the CDK which kinds of block will come; resources of a provider nobody configured are refused. Until they are
        there, Terraform refuses the file: without its resources it would be a plan to destroy them."""
        used = {terraform_type.split("_")[0] for blocks in self.blocks.values() for terraform_type in blocks}
        if missing := sorted(used - self._providers):
            raise ValueError(f"{self.name} has resources of {', '.join(missing)} but no such provider; call use_provider")
        for kind in self.blocks:
            self.add_override(kind, PENDING)

    def complete(self, file: Path) -> None:
        """Put the blocks into the file the CDK has written; what it says itself of one of them (an aspect's override) stands."""
        written = json.loads(file.read_text(encoding="utf-8"))
        text = json.dumps(_merged(self.blocks, written), indent=2, sort_keys=True, ensure_ascii=False)
        file.write_text(text, encoding="utf-8")

    def output(self, name: str, description: str, value: Any) -> None:
        """A value others may read: `terraform output`, and whoever looks at the stack."""
        self.add_override(f"output.{name}", {"description": description, "value": render(value)})

    def local(self, name: str, value: Any) -> None:
        """A value expressions of this stack refer to as `local.<name>`."""
        self.add_override(f"locals.{name}", render(value))

    def use_terraform(self, constraint: str) -> None:
        self.add_override("terraform.required_version", constraint)

    def use_provider(self, name: str, source: str, version: str, settings: Mapping[str, Any]) -> None:
        """A provider at exactly this version."""
        self._providers.add(name)
        _Provider(self, name, source, version, settings)

    def use_backend(self, name: str, settings: Mapping[str, Any]) -> None:
        """Where the state lives. Without one cdktf adds a local backend with an absolute path."""
        _Backend(self, name, settings)

    def chart(self, path: Path) -> str:
        """Copy a local chart into the stack's directory, once; returns its path from there."""
        if path not in self._charts:
            asset = cdk.TerraformAsset(self, path.name, path=str(path), type=cdk.AssetType.DIRECTORY)
            self._charts[path] = f"./{asset.path}"
        return self._charts[path]


def _merged(ours: Any, theirs: Any) -> Any:
    """`theirs` over `ours`, down to single arguments."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return {**ours, **{key: _merged(ours.get(key), item) for key, item in theirs.items()}}
    return ours if theirs == PENDING else theirs
