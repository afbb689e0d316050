"""Thin typed Terraform resources: pydantic models under the provider's own names, only the arguments we use.

A resource knows nothing about cdktf. `arguments()` is pure (cdktf calls it twice) and escapes every text that is not a
`Ref`, so that no value a user writes can become a Terraform expression.
"""

from functools import lru_cache
from typing import Any, ClassVar

import yaml
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema
from yaml.representer import SafeRepresenter
from yaml.resolver import Resolver


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


_MAPPING, _MAPPING_END = yaml.MappingStartEvent(None, None, implicit=True, flow_style=False), yaml.MappingEndEvent()
_SEQUENCE, _SEQUENCE_END = yaml.SequenceStartEvent(None, None, implicit=True, flow_style=False), yaml.SequenceEndEvent()
_STRING = "tag:yaml.org,2002:str"
_RESOLVER = Resolver()
_REPRESENTER = SafeRepresenter()


def to_yaml(values: Any) -> Ref:
    """YAML for a `helm_release`: literal text escaped, expressions quoted (whatever they may become) and left for Terraform.

    PyYAML's emitter gets its events from us: its representer builds a tree of nodes first, at three times the cost.
    """
    events: list[yaml.Event] = [yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False)]
    _describe(values, events)
    events += [yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent()]
    text: str = yaml.emit(events, Dumper=yaml.CSafeDumper, allow_unicode=True, width=10_000)
    return Ref(text)


def _describe(value: Any, events: list[yaml.Event]) -> None:
    match value:
        case dict():
            events.append(_MAPPING)
            for key, item in value.items():
                events.append(_scalar(key))
                _describe(item, events)
            events.append(_MAPPING_END)
        case list() | tuple():
            events.append(_SEQUENCE)
            for item in value:
                _describe(item, events)
            events.append(_SEQUENCE_END)
        case _:
            events.append(_scalar(value))


@lru_cache(maxsize=None, typed=True)
def _scalar(value: Any) -> yaml.Event:
    """`implicit` says whether the text may stand without quotes: not where YAML would read it as something else than text."""
    match value:
        case Ref():
            return yaml.ScalarEvent(None, None, (False, True), str(value), style="'" if '"' in value else '"')
        case str():
            text = lit(value)
            read_as = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
            return yaml.ScalarEvent(None, None, (read_as == _STRING, True), text)
        case _:
            return yaml.ScalarEvent(None, None, (True, False), _REPRESENTER.represent_data(value).value)
