"""Where content lies: images under their upstream path, charts under `charts/`, in a registry or in many."""

from dataclasses import dataclass, field

from blueprint.images.charts import load_charts
from blueprint.images.registry import Registry


@dataclass(frozen=True)
class Place:
    """A repository and a tag in one registry."""

    registry: Registry
    repository: str
    tag: str

    def __str__(self) -> str:
        return f"{self.registry.host}/{self.repository}:{self.tag}"


@dataclass
class Upstream:
    """Every image and chart where its makers publish it."""

    _registries: dict[str, Registry] = field(default_factory=dict)

    def image(self, reference: str) -> Place:
        host, _, rest = reference.partition("/")
        repository, _, tag = rest.rpartition(":")
        return Place(self._registry(host), repository, tag)

    def chart(self, name: str, version: str) -> Place | str:
        """A place in a registry, or the address of an archive."""
        source = load_charts().find(name, version).source
        if not source.startswith("oci://"):
            return source
        host, _, repository = source.removeprefix("oci://").partition("/")
        return Place(self._registry(host), repository, version)

    def _registry(self, host: str) -> Registry:
        return self._registries.setdefault(host, Registry(host))


class Mirror:
    """One registry that holds all of it; `address` is its host, with a namespace if it has one."""

    def __init__(self, address: str, *, plain_http: bool = False) -> None:
        host, _, prefix = address.partition("/")
        self.address = address
        self._registry = Registry(host, plain_http=plain_http)
        self._prefix = f"{prefix}/" if prefix else ""

    def image(self, reference: str) -> Place:
        repository, _, tag = reference.rpartition(":")
        return Place(self._registry, f"{self._prefix}{repository}", tag)

    def chart(self, name: str, version: str) -> Place:
        return Place(self._registry, f"{self._prefix}charts/{name}", version.replace("+", "_"))


Source = Upstream | Mirror
