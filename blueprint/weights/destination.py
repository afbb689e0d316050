"""Where an environment's pods read weights from: asked of the synthesized pods themselves, so that both always agree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from blueprint.environment import Environment
from blueprint.errors import BlueprintError
from blueprint.objectstore import check_location
from blueprint.synthesized import Stack, releases

PREFIX = "RCLONE_CONFIG_STORE_"
CONTAINER = "weights"


@dataclass(frozen=True)
class Destination:
    """A path in a store. `rclone` is the pods' own configuration of it; `bucket` is the container in Azure."""

    rclone: Mapping[str, str]
    bucket: str
    prefix: str

    @property
    def kind(self) -> str:
        """rclone's name for the kind of store, such as `s3` or `azureblob`."""
        return self.rclone.get(f"{PREFIX}TYPE", "")

    @property
    def region(self) -> str:
        return self.rclone.get(f"{PREFIX}REGION", "")

    @property
    def endpoint(self) -> str:
        found = self.rclone.get(f"{PREFIX}ENDPOINT", "")
        return found if "://" in found or not found else f"https://{found}"

    @property
    def path(self) -> str:
        return f"{self.bucket}/{self.prefix}"


def find(env: Environment, stack: Stack, model: str, form: str) -> Destination:
    """Where the weights of a model in one format belong.

    Raises:
        BlueprintError: no pod of the environment reads them.
        Refused: the store is outside the zone.
    """
    found = {_tail(destination.prefix): destination for destination in _all(stack)}
    ours = found.get(f"{model}/{form}")
    if ours is None:
        raise BlueprintError(f"{env.name} serves no {model}/{form}", f"choose one of {', '.join(sorted(found))}")
    if ours.kind == "s3":
        check_location(env, ours.region, ours.endpoint, f"weights of {env.name}")
    return ours


def _all(stack: Stack) -> Iterator[Destination]:
    for release in releases(stack):
        for text in release["values"]:
            if f"{PREFIX}TYPE" in text:
                yield from map(_destination, _containers(yaml.load(text, Loader=yaml.CSafeLoader)))


def _containers(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every container that copies weights, wherever in the objects it stands."""
    if isinstance(node, dict):
        if node.get("name") == CONTAINER and "env" in node:
            yield node
        for child in node.values():
            yield from _containers(child)
    elif isinstance(node, list):
        for child in node:
            yield from _containers(child)


def _destination(container: Mapping[str, Any]) -> Destination:
    variables = {variable["name"]: variable["value"] for variable in container["env"] if "value" in variable}
    bucket, _, prefix = variables["WEIGHTS"].removeprefix("store:").partition("/")
    return Destination({name: value for name, value in variables.items() if name.startswith(PREFIX)}, bucket, prefix)


def _tail(prefix: str) -> str:
    return "/".join(prefix.split("/")[-2:])
