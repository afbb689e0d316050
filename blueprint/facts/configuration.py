"""The `configuration` of a plan: what its expressions refer to, through variables and outputs of modules."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from blueprint.facts.values import Unknown

Json = Mapping[str, Any]
MOST_NESTED = 30
_KEY = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_OTHER = re.compile(r"(?:local|each|count|path|self|terraform)\.")
_ADDRESS = re.compile(r"(?:(?:data|ephemeral)\.)?[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*(?:\[[^\]]*\])?")
_WRITTEN = re.compile(r"\$\{([^}]*)\}")


def at(value: Any, *keys: str, of: type = dict) -> Any:
    """What lies at some keys; an empty one where it is missing or something else."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if type(value) is of else of()


def objects(value: Any, key: str) -> list[Json]:
    """The objects of a list."""
    return [item for item in at(value, key, of=list) if isinstance(item, dict)]


def without_keys(address: str) -> str:
    """An address without the keys of instances."""
    return _KEY.sub("", address)


@dataclass(frozen=True)
class Module:
    """One module's configuration; `prefix` stands before addresses inside (`module.network.`)."""

    body: Json
    prefix: str = ""
    arguments: Json = field(default_factory=dict)
    parent: "Module | None" = None

    def resources(self) -> Iterator[tuple[str, "Module", Json]]:
        """Every resource here and below: its address without instance keys, its module and its configuration."""
        for entry in objects(self.body, "resources"):
            yield f"{self.prefix}{entry.get('address')}", self, entry
        for name in at(self.body, "module_calls"):
            yield from self.child(name).resources()

    def child(self, name: str) -> "Module":
        """A module called from here."""
        call = at(self.body, "module_calls", name)
        return Module(at(call, "module"), f"{self.prefix}module.{name}.", at(call, "expressions"), self)

    def calls(self) -> Iterator[tuple[str, "Module", Json]]:
        """Every module call here and below: its address, the module it stands in, and the call."""
        for name, call in at(self.body, "module_calls").items():
            yield f"{self.prefix}module.{name}", self, call if isinstance(call, dict) else {}
            yield from self.child(name).calls()

    def references(self, expression: Any) -> tuple[str, ...]:
        """The addresses of resources an expression refers to, the most exact first."""
        found = dict.fromkeys(self.followed(expression, 0))
        return tuple(name for name in found if not name.startswith("var."))

    def followed(self, expression: Any, depth: int) -> Iterator[str]:
        """Addresses and the root's variables behind an expression."""
        for name in _names(expression):
            kind, _, rest = name.partition(".")
            if kind == "var" and self.parent is None:
                yield f"var.{rest.partition('.')[0].partition('[')[0]}"
            elif kind == "var" and self.parent is not None and depth < MOST_NESTED:
                yield from self.parent.followed(self.arguments.get(rest.partition(".")[0].partition("[")[0]), depth + 1)
            elif kind == "module":
                yield from self.output(without_keys(rest), depth)
            elif not _OTHER.match(name) and (address := _ADDRESS.match(name)):
                yield self.prefix + address.group()

    def output(self, called: str, depth: int) -> Iterator[str]:
        """What an output of a module (`network.subnet_id`) refers to; the module itself if nobody can tell."""
        name, _, output = called.partition(".")
        child = self.child(name)
        expression = at(child.body, "outputs", output.partition(".")[0]).get("expression")
        found = list(child.followed(expression, depth + 1)) if depth < MOST_NESTED else []
        yield from found or ([f"{self.prefix}module.{name}"] if output or not expression else [])

    def origins(self, expression: Any, path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
        """What each argument came from, by its path."""
        if isinstance(expression, dict):
            if "references" in expression:
                if found := tuple(sorted(set(self.followed(expression, 0)))):
                    yield path, found
            elif "constant_value" not in expression:
                for key, item in expression.items():
                    yield from self.origins(item, f"{path}.{key}" if path else str(key))
        elif isinstance(expression, list):
            for index, item in enumerate(expression):
                yield from self.origins(item, f"{path}[{index}]")

    def constant(self, expression: Any) -> Any:
        """The value of an expression, where the plan has it."""
        if isinstance(expression, dict):
            if "references" in expression:
                return Unknown("the plan does not say what this expression comes to", self.references(expression))
            return self.literal(expression["constant_value"]) if "constant_value" in expression else self.constants(expression)
        return [self.constant(item) for item in expression] if isinstance(expression, list) else expression

    def constants(self, expressions: Json) -> dict[str, Any]:
        """The values of several."""
        return {key: self.constant(value) for key, value in expressions.items()}

    def literal(self, value: Any) -> Any:
        """A constant. Of a stack written in JSON a plan may give templates as if they were texts."""
        if isinstance(value, str) and "${" in value:
            return Unknown("the plan does not say what this expression comes to", self.references({"constant_value": value}))
        return value


def _names(expression: Any) -> Iterator[str]:
    """The names an expression mentions, as the plan lists them or as they stand in a template."""
    if isinstance(expression, dict):
        listed = expression.get("references")
        constant = expression.get("constant_value")
        if isinstance(listed, list):
            yield from (name for name in listed if isinstance(name, str))
        elif isinstance(constant, str):
            for inside in _WRITTEN.findall(constant):
                yield from _ADDRESS.findall(inside)
        else:
            for item in expression.values():
                yield from _names(item)
    elif isinstance(expression, list):
        for item in expression:
            yield from _names(item)
