"""Files of the catalogue, read and checked when somebody asks for what is in them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from blueprint.catalog.base import Entry
from blueprint.errors import BlueprintError
from blueprint.facts.documents import load_yaml

T = TypeVar("T")
E = TypeVar("E", bound=Entry)


class Folder(Mapping[str, E], Generic[E]):
    """Entries that are a file each; the file's name is the entry's. Asking for one reads that one."""

    def __init__(self, folder: Path, kind: type[E]) -> None:
        self._paths = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
        self._entries: dict[str, E] = {}
        self._kind, self._name = kind, folder.name

    def __getitem__(self, name: str) -> E:
        if name not in self._entries:
            content = {"name": name, **(read(self._paths[name]) or {})}
            self._entries[name] = checked(self._kind.model_validate, content, f"{self._name}.{name}", f"catalog/{self._name}/")
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def read(path: Path) -> Any:
    """A file as plain data; days stay text.

    Raises:
        BlueprintError: it cannot be read.
    """
    try:
        (content,) = load_yaml(path.read_text(encoding="utf-8"))
        return content
    except (OSError, ValueError) as error:
        raise BlueprintError(f"{path.parent.name}/{path.name} in the catalogue cannot be read: {error}") from None


def load(validate: Callable[[Any], T], path: Path) -> T:
    """What a file says, validated as a whole.

    Raises:
        BlueprintError: it cannot be read, or says something the catalogue does not know.
    """
    return checked(validate, read(path), path.stem, f"{path.parent.name}/{path.name}")


def checked(validate: Callable[[Any], T], content: Any, place: str, file: str) -> T:
    """`content`, validated; `place` is where in the catalogue it stands.

    Raises:
        BlueprintError: it says something the catalogue does not know.
    """
    try:
        return validate(content)
    except ValidationError as error:
        lines = [f"  {'.'.join([place, *map(str, problem['loc'])])}: {problem['msg']}" for problem in error.errors(include_url=False)]
        raise BlueprintError("\n".join(["the catalogue has mistakes:", *lines]), f"correct the entry in {file}") from None
