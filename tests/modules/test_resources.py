"""Resources and the engine that places them."""

import inspect
import json
import pkgutil
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, get_args

import jsii
import pytest
import yaml
from pydantic import ValidationError

from blueprint import terraform
from modules import resources
from modules.resources import helm
from modules.resources.azurerm.governance import ResourceGroup
from modules.resources.base import Block, Ephemeral, Ref, Resource, lit, render, to_yaml
from modules.resources.engine import PENDING, Part, Stack, cdk
from tests.modules.synth import synth
from tests.modules.terraform_schemas import SECTIONS, schema


def group(name: str = "rg", **tags: str) -> ResourceGroup:
    return ResourceGroup(name=name, location="westeurope", tags=tags)


def use_azurerm(stack: Stack) -> None:
    stack.use_provider("azurerm", "hashicorp/azurerm", "5.2.0", {"features": {}})


def test_text_that_looks_like_an_expression_stays_text() -> None:
    assert lit("${secret} %{if}") == "$${secret} %%{if}"
    assert group(note="${secret}").arguments()["tags"] == {"note": "$${secret}"}


def test_an_expression_stays_an_expression() -> None:
    assert render({"id": Ref("${a.b.id}")}) == {"id": "${a.b.id}"}


def test_yaml_quotes_expressions_and_escapes_text() -> None:
    assert to_yaml({"id": Ref("${a.b}"), "query": "rate(x[5m]) ${y}"}) == 'id: "${a.b}"\nquery: rate(x[5m]) $${y}\n'


def test_yaml_reads_back_as_it_was_written() -> None:
    texts = ["yes", "1.0", "1e3", "", "null", "~", "2026-11-21", "a: b", "- a", "#", "é", "two\nlines\n", "'", '"', " padded ", "=", "<<"]
    values = {"texts": texts, "others": [1, 1.0, True, None, {}, [], (2,)], **{text: text for text in texts}}
    expected = {**values, "others": [1, 1.0, True, None, {}, [], [2]]}
    assert yaml.safe_load(to_yaml(values)) == expected
    assert [type(value) for value in yaml.safe_load(to_yaml(values))["others"][:3]] == [int, float, bool]


def test_an_expression_in_yaml_is_told_from_text_that_looks_like_it() -> None:
    assert to_yaml([Ref("${a.b}"), "${a.b}", {"${a.b}": 1}]) == '- "${a.b}"\n- $${a.b}\n- $${a.b}: 1\n'


def test_arguments_are_the_same_each_time_they_are_asked_for() -> None:
    one = group(a="b")
    assert one.arguments() == one.arguments()


def test_an_argument_we_do_not_list_is_refused() -> None:
    with pytest.raises(ValidationError, match="managed_by"):
        ResourceGroup(name="rg", location="westeurope", tags={}, managed_by="x")  # type: ignore[call-arg]


def test_none_is_left_out_and_false_is_kept() -> None:
    release = helm.Release(name="a", namespace="b", chart="c", wait=False).arguments()
    assert "version" not in release
    assert release["wait"] is False


def test_addresses_are_the_path_of_parts_without_a_hash() -> None:
    def build(stack: Stack) -> None:
        use_azurerm(stack)
        added = Part(Part(stack, "cluster"), "net-work").add("group", group())
        assert added.id == "${azurerm_resource_group.cluster_net_work_group.id}"

    assert list(synth(build)["resource"]["azurerm_resource_group"]) == ["cluster_net_work_group"]


def test_the_same_address_twice_is_refused() -> None:
    def build(stack: Stack) -> None:
        part = Part(stack, "a")
        part.add("b-c", group())
        part.add("b_c", group())

    with pytest.raises(ValueError, match="a_b_c is added twice"):
        synth(build)


def test_a_resource_without_its_provider_is_refused() -> None:
    with pytest.raises(ValueError, match="test has resources of azurerm but no such provider"):
        synth(lambda stack: Part(stack, "a").add("group", group()))


def test_nested_keys_of_a_provider_keep_their_case() -> None:
    stack = synth(lambda stack: stack.use_provider("helm", "hashicorp/helm", "3.1.2", {"kubernetes": {"exec": {"apiVersion": "v1"}}}))
    assert stack["provider"]["helm"] == [{"kubernetes": {"exec": {"apiVersion": "v1"}}}]


def test_an_ephemeral_value_is_written_under_ephemeral() -> None:
    class Token(Ephemeral):
        terraform_type: ClassVar[str] = "azurerm_key_vault_secret"

    def build(stack: Stack) -> None:
        use_azurerm(stack)
        assert Part(stack, "a").add("token", Token()).ref("value") == "${ephemeral.azurerm_key_vault_secret.a_token.value}"

    assert synth(build)["ephemeral"] == {"azurerm_key_vault_secret": {"a_token": {}}}


def test_meta_arguments_are_written_beside_the_models() -> None:
    def build(stack: Stack) -> None:
        use_azurerm(stack)
        part = Part(stack, "a")
        first = part.add("first", group())
        part.add("second", group(), depends_on=[first], ignore_changes=["tags"])

    second = synth(build)["resource"]["azurerm_resource_group"]["a_second"]
    assert second["depends_on"] == ["azurerm_resource_group.a_first"]
    assert second["lifecycle"] == {"ignore_changes": ["tags"]}
    assert second["//"]["metadata"] == {"path": "test/a/second", "uniqueId": "a_second"}


@jsii.implements(cdk.IAspect)
class Recorder:
    """Notes which constructs an aspect visits."""

    def __init__(self) -> None:
        self.visited: list[str] = []

    def visit(self, node: Any) -> None:
        self.visited.append(node.node.path)


def test_an_aspect_on_the_app_never_runs_and_none_sees_a_resource() -> None:
    """The traps: cdktf ignores aspects of the app without a word, and resources are no constructs (record 15). Whoever wants to
    look at resources looks at the JSON."""
    on_stack, on_app = Recorder(), Recorder()

    def build(stack: Stack) -> None:
        use_azurerm(stack)
        Part(stack, "a").add("group", group())
        cdk.Aspects.of(stack).add(on_stack)
        cdk.Aspects.of(stack.node.root).add(on_app)

    assert "a_group" in synth(build)["resource"]["azurerm_resource_group"]
    assert "test/provider-azurerm" in on_stack.visited
    assert "test/a/group" not in on_stack.visited
    assert on_app.visited == []


@jsii.implements(cdk.IAspect)
class Tagger:
    """Overrides one argument of one resource."""

    def visit(self, node: Any) -> None:
        if isinstance(node, Stack):
            node.add_override("resource.azurerm_resource_group.a_group.tags.owner", "platform")


def test_what_an_aspect_overrides_stands_beside_what_the_resource_says() -> None:
    def build(stack: Stack) -> None:
        use_azurerm(stack)
        Part(stack, "a").add("group", group(note="ours"))
        Part(stack, "a").add("other", group())
        cdk.Aspects.of(stack).add(Tagger())

    groups = synth(build)["resource"]["azurerm_resource_group"]
    assert groups["a_group"]["tags"] == {"note": "ours", "owner": "platform"}
    assert groups["a_group"]["location"] == "westeurope"
    assert set(groups) == {"a_group", "a_other"}


def test_the_cdk_s_note_names_every_kind_of_block_we_write() -> None:
    def build(stack: Stack) -> None:
        use_azurerm(stack)
        Part(stack, "a").add("group", group())

    assert synth(build)["//"]["metadata"]["overrides"] == {"azurerm": ["features"], "stack": ["resource"]}


def test_half_a_stack_is_nothing_terraform_would_apply(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A run that dies between the CDK's part of the file and ours must not leave a plan to destroy everything."""
    monkeypatch.setattr(Stack, "complete", lambda stack, file: None)

    def build(stack: Stack) -> None:
        use_azurerm(stack)
        Part(stack, "a").add("group", group())

    half = synth(build)
    assert half["resource"] == PENDING
    (tmp_path / "main.tf.json").write_text(json.dumps({"resource": half["resource"]}))
    program = terraform.find().path
    done = subprocess.run([program, "validate", "-no-color"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Incorrect JSON value type" in done.stderr


def resource_types() -> Iterator[type[Resource]]:
    for module in pkgutil.walk_packages(resources.__path__, "modules.resources."):
        for _, found in inspect.getmembers(import_module(module.name), inspect.isclass):
            if issubclass(found, Resource) and found.__module__ == module.name and hasattr(found, "terraform_type"):
                yield found


@pytest.mark.parametrize("kind", sorted(resource_types(), key=str), ids=lambda kind: str(kind.__name__))
def test_every_argument_of_a_resource_exists_in_its_provider(kind: type[Resource]) -> None:
    section = SECTIONS[kind.block_kind]
    known = schema(kind.terraform_type.split("_")[0])[section][kind.terraform_type]["block"]
    assert unknown_fields(kind, known) == []


def unknown_fields(model: type[Block], block: dict[str, Any]) -> list[str]:
    """Fields that are neither an argument nor a block of the provider's schema, at any depth."""
    found = []
    for name, field in model.model_fields.items():
        inner = next((part for part in _parts(field.annotation) if inspect.isclass(part) and issubclass(part, Block)), None)
        if inner is None:
            attribute = block.get("attributes", {}).get(name)
            found += [] if attribute and (attribute.get("required") or attribute.get("optional")) else [name]
        elif name in block.get("block_types", {}):
            found += [f"{name}.{deeper}" for deeper in unknown_fields(inner, block["block_types"][name]["block"])]
        else:
            found.append(name)
    return found


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)
