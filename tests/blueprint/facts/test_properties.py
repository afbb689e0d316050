"""Whatever is given: nothing raises, nothing is passed over in silence, no secret is printed."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blueprint.facts import Facts, Resource, Sensitive, Unknown, leaves
from blueprint.facts.documents import BrokenDocument, load_json, load_yaml
from blueprint.facts.expressions import resolve
from blueprint.facts.lazy import Scope
from blueprint.facts.reading import read

SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
STACK = "resource data provider terraform variable output locals module // dynamic for_each content count backend lifecycle"
CLUSTER = "helm_release values set name value apiVersion kind metadata spec rules backendRefs items"
PLAN = "format_version planned_values root_module resources address change after_unknown configuration expressions type"
KEYS = st.sampled_from(f"a {STACK} {CLUSTER} {PLAN}".split())
TEXTS = st.sampled_from(
    ["${local.a}", "${var.a[0]}", "${a.b.c}", "%{if", "1.2", "a: [b", "v1", "AIGatewayRoute", "${{for k, v in local.a : k => v}}", "\ud800"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5),
    max_leaves=40,
)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["yes", "0x1f"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)
SECRETS = st.text("abcdefghijkmnopqrstuvwxyz0123456789", min_size=12, max_size=20).map(lambda text: f"zq{text}")


def written(content: str, name: str) -> list[Facts]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_text(content, errors="surrogatepass")
        return [*read(Path(folder)), *read(Path(folder) / name), *read(Path(folder), Path(folder) / name)]


@SLOW
@given(JSON, st.sampled_from(["cdk.tf.json", "plan.json", "a_override.tf.json", "manifest.json", "terraform.tfvars.json"]))
def test_random_json_never_raises_and_always_says_something(document: Any, name: str) -> None:
    for facts in written(json.dumps(document), name):
        assert facts.resources or facts.problems
        for resource in facts.resources:
            list(resource.leaves())
            resource.each("a.b.c")
            resource.referred("a")
        "".join(map(str, facts.problems)).encode()


@SLOW
@given(st.text(max_size=200) | JSON.map(json.dumps), st.sampled_from(["x.yaml", "cdk.tf.json", "x.json"]))
def test_random_text_never_raises_and_always_says_something(content: str, name: str) -> None:
    assert all(facts.resources or facts.problems for facts in written(content, name))


@SLOW
@given(st.text("${}[]().*\"'ab01,:?!&|=<>+-%/\\ \nforin", max_size=40))
def test_random_templates_have_a_value_or_a_reason(text: str) -> None:
    value = resolve("${" + text, Scope(lambda name: Unknown(name, (name,))))
    assert value is None or isinstance(value, Unknown | str | int | float | bool | list | dict)


@SLOW
@given(JSON)
def test_our_json_reader_agrees_with_the_standard_one(document: Any) -> None:
    text = json.dumps(document)
    try:
        assert json.dumps(load_json(text)) == json.dumps(json.loads(text)) or "\\ud" in text
    except BrokenDocument:
        assert "NaN" in text or "Infinity" in text


@SLOW
@given(PLAIN)
def test_our_yaml_reader_agrees_with_the_standard_one(document: Any) -> None:
    text = yaml.safe_dump(document)
    assert list(load_yaml(text)) == [yaml.safe_load(text)]


def plan_of(attributes: Any, mask: Any, secret: str) -> dict[str, Any]:
    entry = {"address": "cloud_thing.a", "type": "cloud_thing", "mode": "managed", "values": attributes, "sensitive_values": mask}
    variables = {"v": {"value": secret}}
    outputs = {"o": {"value": secret, "sensitive": True}}
    return {
        "format_version": "1.2",
        "variables": variables,
        "planned_values": {"root_module": {"resources": [entry]}, "outputs": outputs},
        "configuration": {"root_module": {"variables": {"v": {"sensitive": True, "default": secret}}}},
    }


def hidden(secret: str) -> st.SearchStrategy[tuple[Any, Any]]:
    """Data with the secret somewhere, and the mask that marks the place."""
    leaf = st.just((secret, True)) | st.just(({"deep": [secret]}, True)) | st.just((json.dumps({"url": f"https://{secret}"}), True))
    plain = st.just(("plain", False))

    def wrapped(inner: st.SearchStrategy[tuple[Any, Any]]) -> st.SearchStrategy[tuple[Any, Any]]:
        named = st.dictionaries(st.sampled_from(["a", "b", "c"]), inner | plain, min_size=1, max_size=3)
        listed = st.lists(inner | plain, min_size=1, max_size=3)
        return named.map(
            lambda parts: ({key: part[0] for key, part in parts.items()}, {key: part[1] for key, part in parts.items() if part[1]})
        ) | listed.map(lambda parts: ([part[0] for part in parts], [part[1] for part in parts]))

    return st.recursive(leaf, wrapped, max_leaves=8)


@SLOW
@given(st.data(), SECRETS)
def test_a_secret_a_plan_marks_is_in_no_printed_form(data: st.DataObject, secret: str) -> None:
    value, mask = data.draw(hidden(secret))
    for facts in written(json.dumps(plan_of({"x": value}, {"x": mask}, secret)), "plan.json"):
        printed = [repr(facts), str(facts), *(str(found.value) for resource in facts.resources for found in resource.leaves())]
        printed += [repr(resource.each("x.a.b")) for resource in facts.resources]
        printed += [str(found) for resource in facts.resources for found in resource.strings()]
        assert secret not in "".join(printed)


@SLOW
@given(
    SECRETS,
    st.sampled_from(
        ["${var.p}", "x-${var.p}", "${jsonencode({a = var.p})}", "${upper(var.p)}", "${[var.p][0]}", "${merge({a = var.p}, {})}"]
    ),
)
def test_a_secret_variable_of_a_stack_is_in_no_printed_form(secret: str, expression: str) -> None:
    release = {"values": [f"password: {expression}"], "set_sensitive": [{"name": "a.b", "value": secret}]}
    document = {
        "variable": {"p": {"default": secret, "sensitive": True}},
        "output": {"o": {"value": expression, "sensitive": True}},
        "resource": {"cloud_thing": {"a": {"x": expression, "y": {"z": [expression]}}}, "helm_release": {"r": release}},
    }
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "cdk.tf.json").write_text(json.dumps(document))
        (facts,) = read(Path(folder))
    printed = repr(facts) + "".join(str(found.value) for resource in facts.resources for found in resource.leaves())
    assert secret not in printed


def test_a_secret_is_still_there_to_be_compared() -> None:
    assert [found.value for found in leaves({"a": Sensitive("x")})] == [Sensitive("x")]
    assert asdict(Resource("t", "t.a", {"a": Sensitive("x")}))["attributes"]["a"] is not None
