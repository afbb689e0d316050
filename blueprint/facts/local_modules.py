"""Modules that lie beside a stack as JSON: what they create is read like the stack itself, with the values it hands them.

A module that comes several times (`count`, `for_each`), has or is given providers of its own, is written in another language or lies
outside the stack's directory is not seen: only the plan says what it creates.
"""

from pathlib import Path
from typing import Any

from blueprint.facts.blocks import Block, Source, merged
from blueprint.facts.files import kind_of, read_json
from blueprint.facts.lazy import marked
from blueprint.facts.module import Module
from blueprint.facts.parts import Thing
from blueprint.facts.values import Unknown

LOCAL = ("./", "../")
NOT_FOLLOWED = frozenset(("count", "for_each", "providers"))
MOST_NESTED = 10


class Called(Module):
    """A module as one call sees it: its variables are what the call says, in the words of whoever calls."""

    def __init__(self, blocks: list[Block], folder: Path, caller: Module, call: Block) -> None:
        super().__init__(blocks, {}, folder, f"{caller.prefix}module.{call.labels[0]}.")
        self.caller, self.call = caller, call

    def variable(self, name: str) -> Any:
        """What the call gives a variable, else its default: nobody outside can give another."""
        block = self.variables.get(name)
        value = block.body.get("default", Unknown(f"variable {name} of {self.prefix.rstrip('.')} is not given")) if block else Unknown(name)
        if name in self.call.body:
            owner, written = self.prefix.rstrip("."), self.call.body[name]
            value, asked = self.caller.noted(lambda: self.caller.remembered(owner, name, written, self.caller.scope))
            self.touched.update(asked)
        return marked(value) if block and block.body.get("sensitive") is True else value

    def of_provider(self, thing: Thing, name: str) -> Any:
        """Providers are the caller's."""
        return self.caller.of_provider(thing, name)


def find(module: Module, root: Path, folder: Path) -> None:
    """Give a module the ones it calls, and these theirs. `root` is the directory of the stack, `folder` that of the module."""
    calls = (block for block in module.all_blocks if block.kind == "module")
    for call in calls if module.prefix.count("module.") < MOST_NESTED else ():
        place = _place(call, root, folder)
        if place is not None and (blocks := _blocks(place, root)):
            child = module.children[call.labels[0]] = Called(blocks, place, module, call)
            find(child, root, place)


def _place(call: Block, root: Path, folder: Path) -> Path | None:
    source = call.body.get("source")
    if not isinstance(source, str) or not source.startswith(LOCAL) or NOT_FOLLOWED & call.body.keys():
        return None
    place = (folder / source).resolve()
    return place if place.is_dir() and place.is_relative_to(root.resolve()) and place != folder.resolve() else None


def _blocks(place: Path, root: Path) -> list[Block]:
    """The blocks of a module's files; none where one of them cannot be read, or brings providers of its own."""
    files = sorted(path for path in place.iterdir() if kind_of(path.name) in ("override", "terraform", "hcl"))
    sources = []
    for path in files:
        name = path.resolve().relative_to(root.resolve()).as_posix()
        document, text, problems = read_json(path, name) if path.name.endswith(".tf.json") else (None, "", [None])
        if problems:
            return []
        sources.append(Source(name, document, text))
    blocks, wrong = merged(sources)
    return [] if wrong or any(block.kind == "provider" for block in blocks) else blocks
