"""A stack's names and what they stand for: variables, locals, resources with their instances.

Attributes are evaluated when somebody asks for them, once; while that happens it is noted which variables and resources
were asked, so that a literal that came from `var.region` is known to.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blueprint.facts.blocks import COMMENT, Block
from blueprint.facts.expressions import is_template, resolve
from blueprint.facts.lazy import Failure, Lazy, Scope, combined, marked, unknowns
from blueprint.facts.parts import Drawn, Instances, Table, Thing
from blueprint.facts.values import Sensitive, Unknown

META = frozenset((COMMENT, "count", "for_each", "provider", "depends_on", "dynamic"))
MOST_INSTANCES = 10_000
STORED = {("terraform_data", "output"): "input"}  # what a type hands out again
# Data sources that only say what their provider's block says: by their attribute the argument of that block.
OF_THE_PROVIDER = {
    "aws_region": dict.fromkeys(("region", "name", "id"), "region"),
    "google_client_config": {name: name for name in ("project", "region", "zone")},
    "scaleway_config": {name: name for name in ("region", "zone", "project_id")},
}
Origins = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Bound:
    """The content of a dynamic block, with what its iterator means there."""

    content: Any
    scope: Scope


class Module:
    """What the blocks of one stack say. `given` are values of variables from outside, which beat defaults. `prefix` stands before the
    addresses of a module that another one calls, and `children` are those it calls itself, as far as they are seen."""

    def __init__(self, blocks: list[Block], given: Mapping[str, Any], folder: Path | None, prefix: str = "") -> None:
        self.given = given
        self.prefix = prefix
        self.all_blocks = blocks
        self.children: dict[str, Module] = {}
        self.touched: set[str] = set()
        self.variables = {block.labels[0]: block for block in blocks if block.kind == "variable"}
        self.locals = {name: value for block in blocks if block.kind == "locals" for name, value in block.written.items()}
        self.blocks = {address_of(block): block for block in blocks if block.kind in ("resource", "data", "ephemeral")}
        self.providers = {configured(block): block for block in blocks if block.kind == "provider"}
        self.outputs = {block.labels[0]: block for block in blocks if block.kind == "output"}
        self.scope = Scope(self.root, folder=folder)
        self.known: dict[str, dict[str, tuple[Any, Origins]]] = defaultdict(dict)
        self.busy: set[tuple[str, str]] = set()
        self.expanded: dict[str, Lazy | Thing] = {}

    def root(self, name: str) -> Any:
        """The meaning of a root name."""
        match name:
            case "var":
                return Table(self.variable, "var")
            case "local":
                return Table(self.local, "local")
            case "data" | "ephemeral":
                return Table(lambda kind: self.type(f"{name}.{kind}"), name)
            case "module":
                return Table(lambda called: Table(lambda key: self.handed_out(called, key), f"module.{called}"), "module")
            case "path":
                return {"module": ".", "root": "."}
            case "terraform" | "self" | "each" | "count":
                return Table(lambda key: Unknown(f"{name}.{key} is not known here"), name)
        return self.type(name)

    def type(self, name: str) -> Table:
        """All resources of a type."""
        return Table(lambda label: self.thing(f"{name}.{label}"), name)

    def variable(self, name: str) -> Any:
        """The value of a variable."""
        self.touched.add(f"var.{name}")
        block = self.variables.get(name)
        missing = Unknown(f"variable {name} has no default: it is set outside")
        value = self.given.get(name, block.body.get("default", missing) if block else missing)
        return marked(value) if block and block.body.get("sensitive") is True else value

    def local(self, name: str) -> Any:
        """The value of a local."""
        if name not in self.locals:
            raise Failure(f"there is no local {name}")
        return self.remembered("local", name, self.locals[name], self.scope)

    def handed_out(self, called: str, name: str) -> Any:
        """What a module that is called from here hands out; unknown of one that is not seen."""
        child = self.children.get(called)
        if child is None or name not in child.outputs:
            return Unknown(f"module {called} decides it", (f"{self.prefix}module.{called}",))
        value, asked = child.noted(lambda: child.remembered("output", name, child.outputs[name].body.get("value"), child.scope))
        self.touched.update(asked)
        return value

    def thing(self, address: str) -> Any:
        """The resource of an address, or its instances."""
        if address not in self.blocks:
            return Unknown(f"{address} is not in this stack", (self.prefix + address,))
        if address not in self.expanded:
            self.expanded[address] = self.expand(self.blocks[address], self.prefix + address)
        return self.expanded[address]

    def things(self, address: str) -> list[Thing]:
        """Every instance of a resource; one that stands for all where their number is unknown."""
        found = self.thing(address)
        return list(found.things.values()) if isinstance(found, Instances) else [found]

    def expand(self, block: Block, address: str) -> Lazy:
        """A block with count or for_each as instances."""
        keys, asked = self.noted(lambda: self.keys(block))
        if keys is None:
            return Thing(self, block, address, self.scope)
        if isinstance(keys, Unknown):
            later = {name: Table(lambda key: combined([keys]), name) for name in ("each", "count")}
            return Thing(self, block, address, self.scope.named(later))
        scopes = {key: self.scope.named({"count": {"index": key}, "each": self.drawn(key, value, asked)}) for key, value in keys.items()}
        things = {key: Thing(self, block, f"{address}[{_quoted(key)}]", scope) for key, scope in scopes.items()}
        return Instances(things, address)

    def noted(self, evaluate: Callable[[], Any]) -> tuple[Any, frozenset[str]]:
        """What an evaluation yields, and whom it asked."""
        outer, self.touched = self.touched, set()
        try:
            return evaluate(), frozenset(self.touched)
        finally:
            self.touched = outer

    def drawn(self, key: Any, value: Any, asked: frozenset[str]) -> Drawn:
        """What an iterator stands for: whoever uses it asks those the collection came from."""
        return Drawn({"key": key, "value": value}, lambda: self.touched.update(asked))

    def keys(self, block: Block) -> Mapping[Any, Any] | Unknown | None:
        """The keys of a block's instances with their values; None: it has neither count nor for_each."""
        if "count" in block.body:
            count = resolve(block.body["count"], self.scope) if isinstance(block.body["count"], str) else block.body["count"]
            count = count.value if isinstance(count, Sensitive) else count
            if isinstance(count, str) and count.isdecimal():
                count = int(count)
            if isinstance(count, int) and 0 <= count <= MOST_INSTANCES:
                return dict.fromkeys(range(count))
            return count if isinstance(count, Unknown) else Unknown("count is no number that can be expanded")
        return _keyed(self.data(block.body["for_each"], self.scope, "for_each", {})) if "for_each" in block.body else None

    def attribute(self, thing: Thing, name: str) -> Any:
        """The value of a top-level argument; None if it is not written."""
        name = STORED.get((thing.block.labels[0], name), name)
        if "dynamic" in thing.block.body:
            return self.body(thing).get(name)
        if thing.block.kind == "data" and name not in thing.block.body:
            return self.of_provider(thing, name)
        return self.argument(thing, name)

    def of_provider(self, thing: Thing, name: str) -> Any:
        """What a data source says of its provider's block, if it is told nothing else itself; None if neither says it."""
        argument = OF_THE_PROVIDER.get(thing.block.labels[0], {}).get(name)
        provider = self.providers.get(provider_of(thing.block))
        if argument is None or provider is None or argument in thing.block.body:
            return self.argument(thing, argument) if argument else None
        return self.argument(Thing(self, provider, configured(provider), self.scope), argument)

    def argument(self, thing: Thing, name: str) -> Any:
        """The value of a top-level argument that is no dynamic block."""
        if name in META or name not in thing.block.body:
            return None
        return self.remembered(thing.address, name, thing.block.body[name], thing.scope)

    def body(self, thing: Thing) -> dict[str, Any]:
        """All arguments of a resource, dynamic blocks expanded."""
        found = {name: self.argument(thing, name) for name in thing.block.body if name not in META}
        if "dynamic" in thing.block.body and not _dynamic_blocks(thing.block.body["dynamic"]):
            found["dynamic"] = Unknown("a dynamic block that cannot be read")
        for label, value in self.dynamic(thing.block.body, thing.scope):
            value = self.remembered(thing.address, f"dynamic.{label}", value, thing.scope)
            found[label] = _appended(found.get(label), value)
        return found

    def origins(self, thing: Thing) -> Origins:
        """Where the values of a resource came from, by path."""
        return {path: names for _, origins in self.known[thing.address].values() for path, names in origins.items()}

    def remembered(self, owner: str, name: str, written: Any, scope: Scope) -> Any:
        """A value, evaluated at most once.

        Raises:
            Failure: it refers to itself.
        """
        if name not in self.known[owner]:
            self.known[owner][name] = self.computed(owner, name, written, scope)
        value, origins = self.known[owner][name]
        self.touched.update(origin for found in origins.values() for origin in found)
        return value

    def computed(self, owner: str, name: str, written: Any, scope: Scope) -> tuple[Any, Origins]:
        """A value with its origins by path."""
        if (owner, name) in self.busy:
            raise Failure(f"{name} refers to itself")
        self.busy.add((owner, name))
        outer, self.touched = self.touched, set()
        origins: Origins = {}
        try:
            return self.data(written, scope, name.removeprefix("dynamic."), origins), origins
        finally:
            self.busy.discard((owner, name))
            self.touched = outer

    def data(self, written: Any, scope: Scope, path: str, origins: Origins) -> Any:
        """Written data with its templates evaluated."""
        if isinstance(written, str):
            return self.text(written, scope, path, origins) if is_template(written) else written
        if isinstance(written, Bound):
            return self.data(written.content, written.scope, path, origins)
        if isinstance(written, list):
            return [self.data(item, scope, f"{path}[{index}]", origins) for index, item in enumerate(written)]
        if not isinstance(written, dict):
            return written
        found = {
            self.key(key, scope): self.data(value, scope, f"{path}.{key}", origins)
            for key, value in written.items()
            if key != COMMENT and not (key == "dynamic" and _dynamic_blocks(value))
        }
        for label, value in self.dynamic(written, scope):
            found[label] = _appended(found.get(label), self.data(value, scope, f"{path}.{label}", origins))
        return found

    def text(self, written: str, scope: Scope, path: str, origins: Origins) -> Any:
        outer, self.touched = self.touched, set()
        value = resolve(written, scope)
        if self.touched:
            origins[path] = tuple(sorted(self.touched))
        self.touched |= outer
        return value

    def key(self, written: str, scope: Scope) -> str:
        key = resolve(written, scope) if is_template(written) else written
        return key if isinstance(key, str) else written

    def dynamic(self, body: Mapping[str, Any], scope: Scope) -> Iterator[tuple[str, Any]]:
        """The blocks that dynamic blocks make, by label; unknown where nobody knows how many."""
        for label, block in _dynamic_blocks(body.get("dynamic")):
            over, asked = self.noted(lambda over=block["for_each"]: self.data(over, scope, "for_each", {}))  # type: ignore[misc]
            keys = _keyed(over)
            if isinstance(keys, Unknown):
                yield label, keys
            else:
                name = str(block.get("iterator", label))
                inner = [scope.named({name: self.drawn(key, value, asked)}) for key, value in keys.items()]
                yield label, [Bound(content, each) for each in inner for content in _several(block.get("content"))]


def address_of(block: Block) -> str:
    """The address of a resource, data source or ephemeral resource."""
    return ".".join(block.labels if block.kind == "resource" else (block.kind, *block.labels))


def provider_of(block: Block) -> str:
    """The address of the provider block that configures a resource or data source."""
    named = block.body.get("provider")
    if isinstance(named, str):
        return f"provider.{named.removeprefix('${').removesuffix('}').strip()}"
    return f"provider.{block.labels[0].partition('_')[0]}"


def configured(block: Block) -> str:
    """The address of a provider block."""
    alias = block.body.get("alias")
    return f"provider.{block.labels[0]}" + (f".{alias}" if alias else "")


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _dynamic_blocks(value: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """Dynamic blocks with their labels; none where `dynamic` is the name of something else."""
    labelled = [
        (label, block) for part in _several(value) if isinstance(part, dict) for label, blocks in part.items() for block in _several(blocks)
    ]
    fine = all(isinstance(block, dict) and "for_each" in block for _, block in labelled)
    return labelled if fine else []


def _appended(old: Any, new: Any) -> Any:
    if old is None or isinstance(new, Unknown) or isinstance(old, Unknown):
        return new if old is None else next(iter(unknowns([old, new])))
    return [*_several(old), *new]


def _keyed(value: Any) -> Mapping[Any, Any] | Unknown:
    """What for_each goes over: keys with values."""
    value = value.value if isinstance(value, Sensitive) else value
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list) and len(value) <= MOST_INSTANCES:
        return {item if isinstance(item, str) else index: item for index, item in enumerate(value)}
    return Unknown("for_each goes over nothing that can be expanded")


def _quoted(key: Any) -> str:
    return str(key) if isinstance(key, int) else '"' + str(key).replace("\\", "\\\\").replace('"', '\\"') + '"'
