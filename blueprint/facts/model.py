"""The picture rules look at: resources with values that are known, unknown or secret.

Everything that can be judged is a `Resource`; its `type` says what it is:

    azurerm_storage_account, data.azurerm_client_config     Terraform resources and data sources, by their own names
    ephemeral.azurerm_key_vault_secret                      ephemeral resources
    provider.azurerm, backend.s3, module, variable, output  other blocks of a stack; `terraform` holds required_version and
    terraform, import, moved, removed, check, …             required_providers; a block nobody foresaw has its own name
    k8s.Deployment, k8s.ScaledObject                        Kubernetes objects, from manifests or inside a Helm release
    k8s.Unreadable                                          values or a manifest that nobody can know or read
    flow                                                    a data class on its way to a destination (a gateway's route)
    file, pipeline, setting                                 a stray file beside a stack, a pipeline, a variable of one

A stack without a backend has `backend.local`: that is what Terraform does then.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar

from blueprint.errors import Problem
from blueprint.facts.embedded import leaves, opened
from blueprint.facts.values import Found, Sensitive, Unknown

__all__ = ["Declaration", "Facts", "Found", "Resource", "Sensitive", "Unknown", "leaves", "remembered"]


@dataclass(frozen=True, eq=False)
class Resource:
    """One thing to be judged.

    `attributes` are resolved as far as Terraform's semantics allow; `written` are the same before that. `construct` is the
    path in the program that made it (`eu-prod/aks`). `overridden` names attributes changed after the program's own checks.
    `within` is the address of what carries it: the Helm release of a Kubernetes object. `provider` is the address of the
    provider block that configures it (`provider.azurerm.west`). `origins` names, by path, the variables and resources an
    evaluated value came from (`var.region`, `azurerm_resource_group.main`).
    """

    type: str
    address: str
    attributes: Mapping[str, Any]
    written: Mapping[str, Any] = field(default_factory=dict)
    construct: str = ""
    file: str = ""
    within: str = ""
    provider: str = ""
    overridden: tuple[str, ...] = ()
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: "Facts | None" = field(default=None, repr=False)
    answers: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)  # what `remembered` questions came to

    def each(self, path: str) -> list[Found]:
        """Every value at a dotted path, through lists of blocks: `georeplications.location`. Empty where it is absent.

        An unknown on the way is a finding of its own: the list holds it under the path that was reached. JSON and YAML inside
        strings are walked into (`body.location`), and keys with dots are found (`data.config.yaml.server`).
        """
        return list(_walk(self.attributes, path.split("."), ""))

    def first(self, path: str) -> Any:
        """The value at a path, the first if there are several, None if absent. May be `Unknown` or `Sensitive`."""
        return next((found.value for found in self.each(path)), None)

    def referred(self, path: str) -> "Resource | Unknown | None":
        """The resource a reference attribute points to (`server_id`); Unknown if it is not in the picture, None if absent."""
        found = next(iter(self.each(path)), None)
        if found is None or self.facts is None:
            return None
        value = found.value
        origins = Unknown("", self.origins.get(found.path, ()))
        if (target := self.facts.target(value) or self.facts.target(origins)) is not None:
            return target
        return value if isinstance(value, Unknown) else Unknown(f"{path} names something outside this stack")

    def variables(self, path: str) -> tuple[str, ...]:
        """The Terraform variables that a value at a path (`location`, `sku[0].name`), or anything below it, came from: what is
        set outside (TF_VAR_*, *.tfvars) may change it after this look."""
        found = [names for at, names in self.origins.items() if at == path or at.startswith((f"{path}.", f"{path}["))]
        return tuple(sorted({name for names in found for name in names if name.startswith("var.")}))

    @property
    def configured_by(self) -> "Resource | None":
        """The provider block of this resource, alias included; None where there is none."""
        return self.facts.by_address.get(self.provider) if self.facts is not None else None

    def leaves(self) -> Iterator[Found]:
        """Every leaf inside with its path, documents inside strings included."""
        return leaves(self.attributes)

    def strings(self) -> Iterator[Found]:
        """Every string inside, with its path, documents inside strings included. Secrets and unknowns are not strings."""
        yield from (found for found in leaves(self.attributes) if isinstance(found.value, str))


@dataclass(frozen=True)
class Declaration:
    """What a stack says of itself (output `data_residency`); empty strings where it says nothing."""

    zone: str = ""
    data_class: str = ""
    country: str = ""
    conditions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """Everything found in one place, with what could not be read.

    From a plan: `changes` are the planned actions by address, deletions included (what is deleted is not judged), and
    `drifted` the addresses that changed outside Terraform.
    """

    name: str
    resources: tuple[Resource, ...]
    declaration: Declaration = Declaration()
    problems: tuple[Problem, ...] = ()
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drifted: tuple[str, ...] = ()
    answers: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)  # as a resource's

    def __post_init__(self) -> None:
        """A resource answers questions about its neighbours through the facts it is part of."""
        for resource in self.resources:
            object.__setattr__(resource, "facts", self)

    @cached_property
    def by_address(self) -> Mapping[str, Resource]:
        """Resources by address."""
        return {resource.address: resource for resource in self.resources}

    def of(self, *types: str) -> Iterator[Resource]:
        """Resources of these types."""
        found = [one for type in set(types) for one in self._by_type.get(type, ())]
        return (self.resources[position] for position in sorted(found))

    def target(self, value: Any) -> Resource | None:
        """The resource a value refers to: by reference, or by an id that equals the resource's own. Of a resource with
        count or for_each that is referred to as a whole, the first instance."""
        if isinstance(value, Unknown):
            places = (places for places in (self.by_address, self._first_instance))
            return next((place[address] for place in places for address in value.references if address in place), None)
        return self._by_id.get(value) if isinstance(value, str) else None

    @cached_property
    def _by_type(self) -> Mapping[str, list[int]]:
        """Where the resources of each type stand."""
        found: dict[str, list[int]] = {}
        for position, resource in enumerate(self.resources):
            found.setdefault(resource.type, []).append(position)
        return found

    @cached_property
    def _by_id(self) -> Mapping[str, Resource]:
        return {resource.attributes["id"]: resource for resource in self.resources if isinstance(resource.attributes.get("id"), str)}

    @cached_property
    def _first_instance(self) -> Mapping[str, Resource]:
        instances = [resource for resource in self.resources if resource.address.endswith("]")]
        return {resource.address.partition("[")[0]: resource for resource in reversed(instances)}


Asked = TypeVar("Asked", Resource, Facts)
Answer = TypeVar("Answer")


def remembered(question: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    """A question about a resource or a picture that is worked out once, whoever asks: the answer stays with what was asked about."""

    @wraps(question)
    def asked(about: Asked) -> Answer:
        if question not in about.answers:
            about.answers[question] = question(about)
        answer: Answer = about.answers[question]
        return answer

    return asked


def _walk(value: Any, steps: list[str], path: str) -> Iterator[Found]:
    if not steps:
        if value is not None:
            yield Found(path, value)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _walk(item, steps, f"{path}[{index}]")
    elif isinstance(value, dict | Mapping):
        yield from _step(value, steps, path)
    elif (inside := opened(value)) is not None:
        yield from _walk(inside, steps, path)
    elif isinstance(value, Unknown):
        yield Found(path, value)


def _step(value: Mapping[str, Any], steps: list[str], path: str) -> Iterator[Found]:
    """The first key that is there: one step, or several joined by dots."""
    for taken in range(1, len(steps) + 1):
        key = ".".join(steps[:taken])
        if key in value:
            yield from _walk(value[key], steps[taken:], f"{path}.{key}" if path else key)
            return
