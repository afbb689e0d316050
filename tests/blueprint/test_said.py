"""What a resource says, opened: documents, plain configuration, command lines, composed variables."""

from typing import Any

import pytest

from blueprint.command_line import options
from blueprint.concerns import HIDDEN, Concern
from blueprint.facts import Resource, Sensitive, Unknown
from blueprint.said import said


def leaves(**attributes: Any) -> dict[str, Any]:
    return {found.path: found.value for found in said(Resource("k8s.ConfigMap", "c", attributes)).leaves}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--region", "us-east-1"], {"--region": "us-east-1"}),
        (["--region=us-east-1", "-v"], {"--region": "us-east-1", "--v": ""}),
        (["sh", "-c", "exec app --host 'a.eu' # not --host b.eu"], {"0": "sh", "--c": "exec", "3": "app", "--host": "a.eu"}),
        (["export URL=https://a.eu"], {"0": "export", "URL": "https://a.eu"}),
        (["--host", "a", "--host", "b"], {"--host": ["a", "b"]}),
    ],
)
def test_a_command_line_is_read_by_its_options(words: list[str], found: dict[str, Any]) -> None:
    assert options(words) == found


def test_plain_configuration_is_opened() -> None:
    assert leaves(data={"x.toml": '[out]\nurl = "https://a.eu"\n'}) == {"data.x.toml.out.url": "https://a.eu"}


def test_a_variable_is_put_together_from_others() -> None:
    env = [{"name": "HOST", "value": "a.eu"}, {"name": "URL", "value": "https://$(HOST)/v1"}]
    found = leaves(env=env, args=["--url=$(URL)"])
    assert found["env.URL.value"] == "https://a.eu/v1"
    assert found["args.--url"] == "https://a.eu/v1"


def test_what_no_variable_says_stays_as_it_is() -> None:
    assert leaves(env=[{"name": "URL", "value": "https://$(HOST)/v1"}])["env.URL.value"] == "https://$(HOST)/v1"


def config(content: str, **more: Any) -> Resource:
    return Resource("k8s.ConfigMap", "c", {"data": {"a.json": content}, **more})


def test_leaves_are_of_concern_for_their_text_or_any_key_above_them() -> None:
    concern = Concern(key="buckets".__eq__, text="eu".__eq__)
    everything = said(config('{"buckets": [{"name": "a"}], "name": "b", "zone": "eu"}'))
    assert [found.path for found in everything.those(concern)] == ["data.a.json.buckets[0].name", "data.a.json.zone"]
    assert everything.any(concern)
    assert not said(config('{"name": "b"}')).any(concern)


def test_a_part_of_a_key_between_dots_is_a_key_too() -> None:
    assert said(config('{"x.region": "a"}')).any(Concern(key="region".__eq__))


def test_a_key_of_an_empty_block_is_there_though_no_leaf_is() -> None:
    concern = Concern(key="google".__eq__)
    everything = said(config('{"google": {}, "a": 1}'))
    assert everything.any(concern)
    assert not everything.those(concern)


@pytest.mark.parametrize("value", [Unknown("later"), Sensitive("key")])
def test_what_is_unknown_or_secret_concerns_who_looks_for_what_is_hidden(value: object) -> None:
    found = said(config("{}", spec={"a": value, "b": "c"})).those(Concern(text=HIDDEN.__eq__))
    assert [leaf.path for leaf in found] == ["spec.a"]


def test_who_looks_for_something_later_finds_it_in_what_was_walked_before() -> None:
    first, same = config('{"host": "late.eu"}'), config('{"host": "late.eu"}')
    assert said(first).leaves
    assert said(same).leaves
    late = Concern(text="late.eu".__eq__)
    assert [found.path for found in said(first).those(late)] == ["data.a.json.host"]
    assert said(same).any(late)


def test_a_document_that_lies_in_many_objects_is_walked_once() -> None:
    asked: list[str] = []
    Concern(text=asked.append)
    for namespace in ("a", "b"):
        assert said(config('{"greeting": "only here"}', metadata={"namespace": namespace})).leaves
    assert asked.count("only here") == 1


def test_objects_that_differ_in_type_alone_are_told_apart() -> None:
    values = (1, True, "1", 1.0)
    found = [said(Resource("k8s.X", "x", {"a": value})).leaves[0].value for value in values]
    assert [type(value) for value in found] == [int, bool, str, float]
