"""Helm values as Helm merges them, Kubernetes objects wherever they are, and documents inside texts."""

import base64
from pathlib import Path

import pytest

from blueprint.facts import Sensitive, Unknown
from blueprint.facts.reading import read
from tests.blueprint.facts.writing import manifests, one, release, resources, stack

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data:
  app.yaml: |
    server:
      url: https://logs.example.com
  app.json: '{"nested": "{\\"url\\": \\"https://deep.example.com\\"}"}'
  script.sh: |
    curl https://script.example.com
"""


def test_values_are_merged_and_set_goes_last(tmp_path: Path) -> None:
    arguments = {
        "set": [
            {"name": "image.tag", "value": "2"},
            {"name": "hosts[1].name", "value": "b"},
            {"name": "a\\.b", "value": "true", "type": "string"},
        ],
        "set_sensitive": {"name": "db.password", "value": "hunter2"},
        "set_list": [{"name": "zones", "value": ["x"]}],
    }
    facts = release(tmp_path, "image: {tag: 1, name: x}\nhosts: [{name: a}]\nold: 1\n", "image: {name: y}\nold: null\n", **arguments)
    values = facts.by_address["helm_release.r"].attributes["values"]
    assert values == {
        "image": {"tag": 2, "name": "y"},
        "hosts": [{"name": "a"}, {"name": "b"}],
        "a.b": "true",
        "db": {"password": Sensitive("hunter2")},
        "zones": ["x"],
    }


def test_objects_inside_a_release_are_resources_of_their_own(tmp_path: Path) -> None:
    values = "objects:\n  one: {apiVersion: v1, kind: Service, metadata: {name: s}}\n"
    values += "extra:\n- |\n  apiVersion: v1\n  kind: Namespace\n  metadata: {name: n}\n"
    body = {"values": [values], "namespace": "apps", "//": {"metadata": {"path": "eu/release"}}}
    facts = stack(tmp_path, resources(helm_release={"r": body}))
    service = facts.by_address["helm_release.r/Service/apps/s"]
    assert (service.type, service.within, service.construct) == ("k8s.Service", "helm_release.r", "eu/release")
    assert service.first("metadata.namespace") == "apps"
    assert facts.by_address["helm_release.r/Namespace/n"].first("metadata.namespace") is None


def test_an_unknown_inside_values_leaves_the_rest_known(tmp_path: Path) -> None:
    text = "image: registry.example.com/x\nid: ${cloud_identity.i.client_id}\nurl: https://eu.example.com/${cloud_identity.i.id}\n"
    found = release(tmp_path, text).by_address["helm_release.r"]
    assert found.first("values.image") == "registry.example.com/x"
    assert found.first("values.id").references == ("cloud_identity.i",)
    assert found.first("values.url").text == "https://eu.example.com/⟨cloud_identity.i⟩"


def test_values_nobody_knows_are_an_object_nobody_can_read(tmp_path: Path) -> None:
    facts = release(tmp_path, "${data.http.values.body}")
    assert isinstance(facts.by_address["helm_release.r"].first("values"), Unknown)
    assert [resource.address for resource in facts.of("k8s.Unreadable")] == ["helm_release.r/Unreadable/values"]


@pytest.mark.parametrize("text", ["a: [1,\n", "a: 1\na: 2\n", "- a\n", "&a [*a]"])
def test_values_that_are_no_mapping_are_a_problem(tmp_path: Path, text: str) -> None:
    assert "helm_release.r.values[0]" in str(release(tmp_path, text).problems[0])


def test_manifest_resources_of_terraform_carry_objects(tmp_path: Path) -> None:
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "x"}}
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: q}\n---\n"
    text += "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: r}}]\n"
    facts = stack(tmp_path, resources(kubernetes_manifest={"m": {"manifest": manifest}}, kubectl_manifest={"k": {"yaml_body": text}}))
    assert {resource.address for resource in facts.of("k8s.Pod")} == {
        "kubernetes_manifest.m/Pod/x/p",
        "kubectl_manifest.k/Pod/default/q",
        "kubectl_manifest.k/Pod/default/r",
    }


def test_a_directory_of_manifests_is_read_with_all_documents(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.json").write_text('{"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": {"name": "a"}}]}')
    facts = manifests(tmp_path, f"# nothing\n---\n{CONFIG}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: n}}\n")
    assert not facts.problems
    assert {resource.address for resource in facts.resources} == {
        "all.yaml/ConfigMap/default/c",
        "all.yaml/Namespace/n",
        "sub/more.json/Pod/default/a",
    }


def test_a_manifests_folder_inside_a_stack_belongs_to_it(tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "c.yml").write_text(CONFIG)
    facts = stack(tmp_path, {"locals": {}})
    assert [resource.address for resource in facts.of("k8s.ConfigMap")] == ["manifests/c.yml/ConfigMap/default/c"]
    assert not list(facts.of("file"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: [\n", "all.yaml:3  not YAML"),
        ("kind: A\napiVersion: v1\nkind: B\n", "all.yaml:3  the key kind is there twice"),
        ("just: values\n", "is no Kubernetes object"),
        ("# only a comment\n", "holds no Kubernetes object"),
        ("apiVersion: v1\nkind: Pod\n---\nleft: over\n", "[1]: is no Kubernetes object"),
        ("x: &a [1, *a]\n", "*a is not defined"),
        ("\x01", "not YAML"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_a_problem(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in "\n".join(map(str, manifests(tmp_path, text).problems))


def test_anchors_that_explode_are_a_problem(tmp_path: Path) -> None:
    levels = "".join(f"{name}: &{name} [{', '.join([f'*{before}'] * 12)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True))
    assert "without bounds" in str(manifests(tmp_path, f"a: &a [x]\n{levels}").problems[0])


def test_documents_inside_texts_are_reached_by_path_and_by_search(tmp_path: Path) -> None:
    (found,) = manifests(tmp_path, CONFIG).of("k8s.ConfigMap")
    assert found.first("data.app.yaml.server.url") == "https://logs.example.com"
    assert found.first("data.app.json.nested.url") == "https://deep.example.com"
    texts = {place.value for place in found.strings()}
    assert {"https://logs.example.com", "https://deep.example.com", "curl https://script.example.com\n"} <= texts


def test_a_body_that_is_encoded_json_is_reached_and_keeps_its_unknowns(tmp_path: Path) -> None:
    found = one(tmp_path, {"body": '${jsonencode({location = "eastus", parent = cloud_other.o.id})}'})
    assert found.first("body.location") == "eastus"
    assert found.first("body.parent").references == ("cloud_other.o",)
    assert "eastus" in {place.value for place in found.strings()}


def test_base64_is_opened(tmp_path: Path) -> None:
    data = base64.b64encode(b"#cloud-config\nruncmd: [curl https://x.example.com]\n").decode()
    found = one(tmp_path, {"custom_data": data, "name": "abcdefghijklmnop"})
    assert "curl https://x.example.com" in {place.value for place in found.strings()}
    assert [place.value for place in found.strings() if place.path == "name"] == ["abcdefghijklmnop"]


def test_a_secrets_content_is_secret_but_can_be_compared(tmp_path: Path) -> None:
    url = base64.b64encode(b"url: https://hunter2@sentry.example.com/1").decode()
    text = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata: {{dsn: {url}}}\nstringData: {{p: hunter2-plain}}\n"
    facts = manifests(tmp_path, text)
    (found,) = facts.of("k8s.Secret")
    assert found.first("data.dsn.url") == Sensitive("https://hunter2@sentry.example.com/1")
    assert Sensitive("hunter2-plain") in [place.value for place in found.leaves()]
    assert not [place for place in found.strings() if place.path.startswith(("data", "stringData"))]
    assert "hunter2" not in repr(facts)


def test_two_objects_of_one_name_are_both_there(tmp_path: Path) -> None:
    facts = manifests(tmp_path, "---\n".join(["apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"] * 2))
    assert list(facts.by_address) == ["all.yaml/Pod/default/p", "all.yaml/Pod/default/p#2"]


def test_one_manifest_file_is_enough(tmp_path: Path) -> None:
    manifests(tmp_path, CONFIG)
    (facts,) = read(tmp_path / "all.yaml")
    assert len(facts.resources) == 1
