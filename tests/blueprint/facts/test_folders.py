"""What a directory may be: a cdktf project, Terraform's own JSON, plans, a gateway's configuration. Each is read as what it is."""

import json
from pathlib import Path

import pytest

from blueprint.facts import Facts, leaves
from blueprint.facts.reading import read
from blueprint.policy.pipeline import around
from tests.blueprint.facts.writing import resources

THING = resources(cloud_thing={"a": {"location": "westeurope"}})
PLAN = {
    "format_version": "1.2",
    "planned_values": {
        "root_module": {"resources": [{"mode": "managed", "type": "cloud_thing", "address": "cloud_thing.p", "values": {}}]}
    },
}
CI = "plan:\n  script:\n    - terraform plan\n"


def write(folder: Path, **files: object) -> Path:
    """Files by path, `__` standing for a dot and `___` for a slash."""
    for name, content in files.items():
        path = folder / name.replace("___", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def only(folder: Path) -> Facts:
    (facts,) = read(folder)
    assert not facts.problems
    return facts


def test_a_project_is_its_output_and_the_pipelines_in_its_root(tmp_path: Path) -> None:
    write(
        tmp_path,
        cdktf__out___manifest__json={"stacks": {"prod": {"workingDirectory": "stacks/prod"}}},
        cdktf__out___stacks___prod___cdk__tf__json=THING,
        stacks___prod__py="",
        __gitlab_ci__yml=CI,
        tests___case___cdk__tf__json=THING,
    )
    (tmp_path / ".gitlab_ci.yml").rename(tmp_path / ".gitlab-ci.yml")
    facts = only(tmp_path)
    assert (facts.name, [one.address for one in facts.of("cloud_thing")]) == ("prod", ["cloud_thing.a"])
    beside = around(tmp_path)
    assert beside is not None
    assert [one.file for one in beside.of("pipeline")] == [".gitlab-ci.yml"]


def test_json_that_people_write_for_terraform_is_the_stack_itself(tmp_path: Path) -> None:
    tfvars = 'region = "eastus"\n'
    document = {"variable": {"region": {}}, **resources(cloud_thing={"a": {"location": "${var.region}"}})}
    facts = only(write(tmp_path, main__tf__json=document, more__tf__json=resources(cloud_thing={"b": {}}), terraform__tfvars=tfvars))
    assert facts.by_address["cloud_thing.a"].first("location") == "eastus"
    assert [one.address for one in facts.of("cloud_thing")] == ["cloud_thing.a", "cloud_thing.b"]
    assert not list(facts.of("file"))


def test_beside_what_cdktf_wrote_the_same_files_are_strangers(tmp_path: Path) -> None:
    facts = only(write(tmp_path, cdk__tf__json=THING, main__tf__json=resources(cloud_thing={"b": {}}), terraform__tfvars='a = "b"\n'))
    assert [one.first("kind") for one in facts.of("file")] == ["terraform", "variables"]


def test_an_override_is_a_stranger_everywhere(tmp_path: Path) -> None:
    facts = only(write(tmp_path, main__tf__json=THING, zz_override__tf__json=THING))
    assert [one.first("kind") for one in facts.of("file")] == ["override"]


def test_plans_in_a_directory_are_plans(tmp_path: Path) -> None:
    write(tmp_path, tfplan__json=PLAN)
    assert [one.address for one in only(tmp_path).of("cloud_thing")] == ["cloud_thing.p"]
    write(tmp_path, app__yaml="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n")
    planned, manifests = read(tmp_path)
    assert [len(list(planned.of("cloud_thing"))), len(list(manifests.of("k8s.ConfigMap")))] == [1, 1]
    assert not planned.problems + manifests.problems


@pytest.mark.parametrize(
    ("name", "text", "path"),
    [
        (
            "litellm.yaml",
            "model_list: [{litellm_params: {api_base: https://eu.example}}]",
            "litellm.yaml.model_list[0].litellm_params.api_base",
        ),
        ("kong.yml", "_format_version: '3.0'\nservices: [{url: https://eu.example}]", "kong.yml.services[0].url"),
        ("krakend.json", '{"version": 3, "endpoints": [{"backend": "https://eu.example"}]}', "krakend.json.endpoints[0].backend"),
    ],
)
def test_a_gateways_own_configuration_is_a_config_map(tmp_path: Path, name: str, text: str, path: str) -> None:
    (tmp_path / name).write_text(text)
    (found,) = only(tmp_path).of("k8s.ConfigMap")
    assert ("https://eu.example", f"data.{path}") in [(leaf.value, leaf.path) for leaf in leaves(found.attributes)]
