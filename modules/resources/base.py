"""Thin typed Terraform resources: pydantic models under the provider's own names, only the arguments we use.

A resource knows nothing about cdktf. `arguments()` is pure (cdktf calls it twice) and escapes every text that is not a
`Ref`, so that no value a user writes can become a Terraform expression.
"""

from typing import Any, ClassVar

import yaml
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class Ref(str):
    """A Terraform expression such as `${azurerm_key_vault.keys.id}`; longer ones are written `Ref(f"{one}/{two}")`."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.is_instance_schema(cls)


Text = Ref | str


def lit(text: str) -> str:
    """Text as Terraform must read it to give the same text back."""
    return text.replace("${", "$${").replace("%{", "%%{")


class Block(BaseModel):
    """A nested block of a resource."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Resource(Block):
    """A managed resource. Subclasses name their type and list the arguments we set."""

    terraform_type: ClassVar[str]
    block_kind: ClassVar[str] = "resource"

    def arguments(self) -> dict[str, Any]:
        """The arguments as Terraform JSON: None left out, text escaped, expressions kept."""
        rendered: dict[str, Any] = render(self)
        return rendered


class DataSource(Resource):
    """Something that exists and is read."""

    block_kind: ClassVar[str] = "data"


class Ephemeral(Resource):
    """A value fetched when needed and kept in neither plan nor state."""

    block_kind: ClassVar[str] = "ephemeral"


def render(value: Any) -> Any:
    """Models, lists and maps as plain JSON values; see `Resource.arguments`."""
    match value:
        case Block():
            fields = ((name, getattr(value, name)) for name in type(value).model_fields)
            return {name: render(field) for name, field in fields if field is not None}
        case Ref():
            return str(value)
        case bool() | int() | float() | None:
            return value
        case dict():
            return {str(key): render(item) for key, item in value.items()}
        case list() | tuple():
            return [render(item) for item in value]
        case _:
            return lit(str(value))


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Dumps plain values; expressions are always quoted, whatever they may become: with the quotes they do not have inside."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    Ref, lambda dumper, ref: dumper.represent_scalar("tag:yaml.org,2002:str", str(ref), style="'" if '"' in ref else '"')
)


def to_yaml(values: Any) -> Ref:
    """YAML for a `helm_release`: literal text escaped, expressions left for Terraform to fill in."""
    text: str = yaml.dump(_escape(values), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return Ref(text)


def _escape(value: Any) -> Any:
    match value:
        case Ref():
            return value
        case str():
            return lit(value)
        case dict():
            return {key: _escape(item) for key, item in value.items()}
        case list() | tuple():
            return [_escape(item) for item in value]
        case _:
            return value
