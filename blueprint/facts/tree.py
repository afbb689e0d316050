"""The parts of an expression of Terraform, as `syntax` finds them and `expressions` evaluates them."""

from dataclasses import dataclass
from typing import Any

# What stands for each element inside a splat.
ITEM = "*"


@dataclass(frozen=True)
class Literal:
    value: Any


@dataclass(frozen=True)
class Name:
    """A root name: `var`, `local`, `azurerm_subnet`, an iterator."""

    name: str


@dataclass(frozen=True)
class Attribute:
    of: "Node"
    name: str


@dataclass(frozen=True)
class Index:
    of: "Node"
    key: "Node"


@dataclass(frozen=True)
class Splat:
    """`of[*].id`: `each` is evaluated with ITEM as every element."""

    of: "Node"
    each: "Node"


@dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple["Node", ...]
    spread: bool = False


@dataclass(frozen=True)
class Conditional:
    condition: "Node"
    yes: "Node"
    no: "Node"


@dataclass(frozen=True)
class Operation:
    operator: str
    operands: tuple["Node", ...]


@dataclass(frozen=True)
class Sequenced:
    items: tuple["Node", ...]


@dataclass(frozen=True)
class Mapped:
    items: tuple[tuple["Node", "Node"], ...]


@dataclass(frozen=True)
class For:
    """`[for k, v in of : value if when]`; with `key` an object, with `group` its values are lists."""

    names: tuple[str, ...]
    of: "Node"
    key: "Node | None"
    value: "Node"
    when: "Node | None"
    group: bool = False


@dataclass(frozen=True)
class Template:
    parts: tuple["Node", ...]


Node = Literal | Name | Attribute | Index | Splat | Call | Conditional | Operation | Sequenced | Mapped | For | Template
