"""Things that expressions look into: `var`, `local`, resources with their instances, and data inside them."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from blueprint.facts.blocks import Block
from blueprint.facts.lazy import Lazy, Scope
from blueprint.facts.values import Unknown


class Stack(Protocol):
    """What knows the arguments of things; `touched` collects who was asked."""

    touched: set[str]

    def attribute(self, thing: "Thing", name: str) -> Any:
        """The value of a top-level argument; None if it is not written."""


class Table(Lazy):
    """Named things of one kind: `var`, `local`, all resources of a type."""

    def __init__(self, find: Callable[[str], Any], name: str) -> None:
        self.find, self.name = find, name

    def item(self, key: Any) -> Any:
        return self.find(str(key))

    def whole(self) -> Any:
        return Unknown(f"all of {self.name} is not one value")


class Part(Lazy):
    """Data inside a resource: what is not written there is known after apply. One block may be asked for as the first of a list."""

    def __init__(self, value: Any, address: str) -> None:
        self.value, self.address = value, address

    def item(self, key: Any) -> Any:
        is_index = str(key).isdecimal()
        if is_index and isinstance(self.value, Mapping) and str(key) not in self.value:
            return self if int(key) == 0 else self.later(key)
        if is_index and isinstance(self.value, list):
            return self.of(self.value[int(key)]) if int(key) < len(self.value) else self.later(key)
        return self.of(self.value[str(key)]) if isinstance(self.value, Mapping) and str(key) in self.value else self.later(key)

    def whole(self) -> Any:
        return self.value

    def of(self, value: Any) -> Any:
        return Part(value, self.address) if isinstance(value, Mapping | list) else value

    def later(self, key: Any) -> Unknown:
        return Unknown(f"{key} of {self.address} is known after apply", (self.address,))


class Thing(Lazy):
    """One instance of a resource or data source."""

    def __init__(self, stack: Stack, block: Block, address: str, scope: Scope) -> None:
        self.stack, self.block, self.address, self.scope = stack, block, address, scope

    def item(self, key: Any) -> Any:
        value = self.stack.attribute(self, str(key))
        self.stack.touched.add(self.address)
        part = Part(None, self.address)
        return part.later(key) if value is None else part.of(value)

    def whole(self) -> Any:
        return Unknown(f"{self.address} is known after apply", (self.address,))


class Instances(Lazy):
    """A resource with count or for_each, by key."""

    def __init__(self, things: Mapping[Any, Thing], address: str) -> None:
        self.things, self.address = things, address

    def item(self, key: Any) -> Any:
        key = int(key) if str(key).isdecimal() and int(key) in self.things else key
        return self.things.get(key) or Unknown(f"{self.address} has no instance {key}", (self.address,))

    def whole(self) -> Any:
        by_number = all(isinstance(key, int) for key in self.things)
        return list(self.things.values()) if by_number else dict(self.things)


class Drawn(Lazy):
    """`each` or a dynamic block's iterator: a key and a value of a collection, and who is told when one is used."""

    def __init__(self, parts: Mapping[str, Any], use: Callable[[], None]) -> None:
        self.parts, self.use = parts, use

    def item(self, key: Any) -> Any:
        self.use()
        return self.parts.get(str(key), Unknown(f"an iterator has no {key}"))

    def whole(self) -> Any:
        self.use()
        return dict(self.parts)
