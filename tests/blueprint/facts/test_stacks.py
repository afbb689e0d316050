"""A stack's directory as resources: instances, dynamic blocks, references, overrides, and files nobody expected."""

import json
from pathlib import Path
from typing import Any

import pytest

from blueprint.facts import Sensitive, Unknown
from blueprint.facts.reading import read
from tests.blueprint.facts.writing import one, resources, stack


def addresses(facts: Any, kind: str = "cloud_thing") -> list[str]:
    return [resource.address for resource in facts.of(kind)]


def problem(folder: Path) -> str:
    return "\n".join(str(problem) for facts in read(folder) for problem in facts.problems)


def test_a_literal_is_itself_with_construct_and_file(tmp_path: Path) -> None:
    body = {"location": "westeurope", "//": {"metadata": {"path": "eu-prod/aks", "uniqueId": "aks"}}}
    found = one(tmp_path, body)
    assert (found.first("location"), found.construct, found.file) == ("westeurope", "eu-prod/aks", "cdk.tf.json")
    assert "//" not in found.attributes


def test_a_default_of_a_variable_is_the_value_and_the_variable_is_named(tmp_path: Path) -> None:
    facts = stack(tmp_path, {"variable": {"r": {"default": "westeurope"}}, **resources(cloud_thing={"a": {"location": "${var.r}"}})})
    found = facts.by_address["cloud_thing.a"]
    assert found.first("location") == "westeurope"
    assert found.variables("location") == ("var.r",)
    assert found.written["location"] == "${var.r}"


def test_a_variable_is_named_through_locals_and_other_resources(tmp_path: Path) -> None:
    things = {"a": {"location": "${lower(local.l)}"}, "b": {"location": "${cloud_thing.a.location}", "name": "b"}}
    document = {"variable": {"r": {"default": "X"}}, "locals": {"l": "${var.r}"}, **resources(cloud_thing=things)}
    found = stack(tmp_path, document).by_address["cloud_thing.b"]
    assert found.first("location") == "x"
    assert found.variables("location") == ("var.r",)
    assert found.variables("name") == ()


def test_a_variable_without_default_is_unknown(tmp_path: Path) -> None:
    found = stack(tmp_path, {"variable": {"r": {}}, **resources(cloud_thing={"a": {"location": "${var.r}"}})})
    assert isinstance(found.by_address["cloud_thing.a"].first("location"), Unknown)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("terraform.tfvars.json", '{"r": "eastus"}', "eastus"),
        ("z.auto.tfvars.json", '{"r": "eastus"}', "eastus"),
        ("z.auto.tfvars", '# of prod\nr = "eastus" # far away\n', "eastus"),
        ("z.auto.tfvars", 'r = "${x}"\n', None),
        ("z.auto.tfvars", 'o = {\n  r = "eastus"\n}\n', None),
    ],
)
def test_a_value_from_a_tfvars_file_beats_the_default(tmp_path: Path, name: str, content: str, expected: str | None) -> None:
    (tmp_path / name).write_text(content)
    document = {"variable": {"r": {"default": "westeurope"}}, **resources(cloud_thing={"a": {"location": "${var.r}"}})}
    facts = stack(tmp_path, document)
    found = facts.by_address["cloud_thing.a"].first("location")
    assert found == expected if expected else isinstance(found, Unknown)
    assert facts.by_address[f"file.{name}"].first("kind") == "variables"


def test_count_and_for_each_are_expanded(tmp_path: Path) -> None:
    things = {
        "n": {"count": "${local.n}", "zone": "${count.index}"},
        "m": {"for_each": {"us": "eastus", "eu": "westeurope"}, "location": "${each.value}", "key": "${each.key}"},
        "s": {"for_each": '${toset(["x", "y"])}', "name": "${each.value}"},
        "none": {"count": 0},
    }
    facts = stack(tmp_path, {"locals": {"n": 2}, **resources(cloud_thing=things)})
    assert addresses(facts) == [
        *("cloud_thing.n[0]", "cloud_thing.n[1]", 'cloud_thing.m["us"]', 'cloud_thing.m["eu"]'),
        *('cloud_thing.s["x"]', 'cloud_thing.s["y"]'),
    ]
    assert [resource.first("zone") for resource in facts.resources[:2]] == [0, 1]
    assert facts.by_address['cloud_thing.m["us"]'].first("location") == "eastus"


def test_instances_nobody_can_count_are_one_with_unknown_values(tmp_path: Path) -> None:
    things = {
        "a": {"for_each": "${data.cloud_list.l.names}", "location": "${each.value}"},
        "b": {"count": "${var.x}", "name": "${count.index}"},
    }
    facts = stack(tmp_path, resources(cloud_thing=things))
    location = facts.by_address["cloud_thing.a"].first("location")
    assert isinstance(location, Unknown)
    assert location.references == ("data.cloud_list.l",)
    assert isinstance(facts.by_address["cloud_thing.b"].first("name"), Unknown)


def test_a_reference_leads_to_the_resource(tmp_path: Path) -> None:
    things = {
        "server": {"location": "westeurope", "count": 2},
        "replica": {"source": "${cloud_thing.server[1].id}", "by_local": "${local.s}", "inside": "/servers/${cloud_thing.server[0].id}/x"},
        "stranger": {"source": "${data.cloud_thing.d.id}", "named": "${cloud_thing.replica.by_local}", "literal": "/some/id"},
        "by_name": {"group": "${cloud_group.g.name}"},
    }
    document = {"locals": {"s": "${cloud_thing.server[1].id}"}, **resources(cloud_thing=things, cloud_group={"g": {"name": "rg"}})}
    found = stack(tmp_path, document).by_address
    for path in ("source", "by_local"):
        assert found["cloud_thing.replica"].referred(path) is found["cloud_thing.server[1]"]
    assert found["cloud_thing.replica"].referred("inside") is found["cloud_thing.server[0]"]
    assert found["cloud_thing.stranger"].referred("named") is found["cloud_thing.server[1]"]
    assert isinstance(found["cloud_thing.stranger"].referred("source"), Unknown)
    assert isinstance(found["cloud_thing.stranger"].referred("literal"), Unknown)
    assert found["cloud_thing.stranger"].referred("missing") is None
    assert found["cloud_thing.by_name"].first("group") == "rg"
    assert found["cloud_thing.by_name"].referred("group") is found["cloud_group.g"]


def test_a_block_may_be_asked_for_as_the_first_of_a_list(tmp_path: Path) -> None:
    things = {
        "a": {"identity": {"type": "System"}},
        "b": {"kind": "${cloud_thing.a.identity[0].type}", "id": "${cloud_thing.a.identity[0].principal_id}"},
    }
    found = stack(tmp_path, resources(cloud_thing=things)).by_address["cloud_thing.b"]
    assert found.first("kind") == "System"
    assert found.first("id").references == ("cloud_thing.a",)


def test_dynamic_blocks_are_expanded_beside_written_ones(tmp_path: Path) -> None:
    content = {"location": "${geo.value}", "name": "${geo.key}"}
    body = {"geo": {"location": "francecentral"}, "dynamic": {"geo": {"for_each": ["eastus", "westus"], "content": content}}}
    assert [found.value for found in one(tmp_path, body).each("geo.location")] == ["francecentral", "eastus", "westus"]


def test_a_dynamic_block_with_an_iterator_of_another_name_inside_a_block(tmp_path: Path) -> None:
    inner = {"zone": {"for_each": '${toset(["a"])}', "iterator": "z", "content": {"name": "${z.value}"}}}
    assert one(tmp_path, {"settings": [{"dynamic": inner}]}).first("settings.zone.name") == "a"


def test_a_dynamic_block_over_unknown_things_is_unknown(tmp_path: Path) -> None:
    found = one(tmp_path, {"dynamic": {"geo": {"for_each": "${data.x.y.z}", "content": {"location": "${geo.value}"}}}})
    (geo,) = found.each("geo.location")
    assert (geo.path, geo.known) == ("geo", False)


def test_locals_in_a_circle_are_unknown(tmp_path: Path) -> None:
    document = {
        "locals": {"a": "${local.b}", "b": "${local.a}"},
        **resources(cloud_thing={"a": {"location": "${local.a}", "self": "${cloud_thing.a.self}"}}),
    }
    found = stack(tmp_path, document).by_address["cloud_thing.a"]
    assert isinstance(found.first("location"), Unknown)
    assert isinstance(found.first("self"), Unknown)


def test_what_an_override_file_changes_is_the_value(tmp_path: Path) -> None:
    override = resources(cloud_thing={"a": {"location": "eastus", "lifecycle": {"prevent_destroy": True}}})
    body = {"location": "westeurope", "name": "a", "lifecycle": {"ignore_changes": ["location"]}}
    found = one(tmp_path, body, x_override__tf__json=override)
    assert (found.first("location"), found.first("name")) == ("eastus", "a")
    assert found.overridden == ("location", "lifecycle")
    assert found.attributes["lifecycle"] == {"ignore_changes": ["location"], "prevent_destroy": True}


def test_an_override_of_nothing_and_a_second_definition_are_problems(tmp_path: Path) -> None:
    override = resources(cloud_thing={"b": {}})
    facts = stack(tmp_path, resources(cloud_thing={"a": {}}), override__tf__json=override, other__tf__json=resources(cloud_thing={"a": {}}))
    assert [problem.message for problem in facts.problems] == ["is there twice", "overrides what is not there"]


def test_cdktfs_note_on_overrides_is_kept(tmp_path: Path) -> None:
    document = {"//": {"metadata": {"overrides": {"cloud_thing": ["location"]}}}, **resources(cloud_thing={"a": {"location": "eastus"}})}
    assert stack(tmp_path, document).by_address["cloud_thing.a"].overridden == ("location",)


def test_providers_with_aliases_are_found_from_their_resources(tmp_path: Path) -> None:
    provider = {"cloud": [{"region": "fr-par"}, {"alias": "us", "region": "${local.r}"}]}
    things = {"a": {}, "b": {"provider": "cloud.us"}}
    found = stack(tmp_path, {"locals": {"r": "us-east-1"}, "provider": provider, **resources(cloud_thing=things)}).by_address
    first, second = found["cloud_thing.a"].configured_by, found["cloud_thing.b"].configured_by
    assert first is not None
    assert second is not None
    assert (first.address, first.first("region")) == ("provider.cloud", "fr-par")
    assert (second.address, second.first("region")) == ("provider.cloud.us", "us-east-1")


def test_every_other_block_is_a_resource(tmp_path: Path) -> None:
    document = {
        "terraform": {
            "backend": {"s3": {"region": "us-east-1"}},
            "required_version": ">= 1.11",
            "required_providers": {"cloud": {"source": "x/cloud"}},
        },
        "module": {"m": {"source": "git::https://example.com/m.git", "location": "${local.r}"}},
        "locals": {"r": "eastus"},
        "output": {"o": {"value": "${module.m.id}"}},
        "check": {"c": {"assert": {"condition": True}}},
        "import": [{"to": "cloud_thing.a", "id": "/x"}],
        "moved": [{"from": "cloud_thing.z", "to": "cloud_thing.a"}],
        "removed": {"from": "cloud_thing.y"},
        "data": {"http": {"h": {"url": "https://example.com"}}},
        "ephemeral": {"vault": {"v": {"name": "n"}}},
        "newfangled": {"place": "eastus"},
    }
    facts = stack(tmp_path, document)
    assert not facts.problems
    types = {resource.type for resource in facts.resources}
    assert types == {
        "terraform",
        "backend.s3",
        "module",
        "output",
        "check",
        "import",
        "moved",
        "removed",
        "data.http",
        "ephemeral.vault",
        "newfangled",
    }
    assert facts.by_address["module.m"].first("location") == "eastus"
    assert facts.by_address["output.o"].first("value").references == ("module.m",)


def test_a_stack_without_a_backend_keeps_its_state_here(tmp_path: Path) -> None:
    assert [resource.type for resource in stack(tmp_path, {"locals": {}}).resources] == ["backend.local"]


def test_terraform_cloud_is_a_backend_and_an_override_replaces_it(tmp_path: Path) -> None:
    override = {"terraform": {"cloud": {"organization": "acme"}}}
    facts = stack(tmp_path, {"terraform": {"backend": {"s3": {"region": "eu-west-1"}}}}, o_override__tf__json=override)
    assert [(resource.type, resource.overridden) for resource in facts.resources if resource.type.startswith("backend")] == [
        ("backend.cloud", ("cloud",))
    ]


def test_a_sensitive_default_is_secret_wherever_it_goes(tmp_path: Path) -> None:
    document = {
        "variable": {"p": {"default": "hunter2-hunter2", "sensitive": True}},
        "output": {"p": {"value": "${var.p}", "sensitive": True}},
    }
    facts = stack(tmp_path, {**document, **resources(cloud_thing={"a": {"url": "https://u:${var.p}@x", "list": ["${var.p}"]}})})
    assert facts.by_address["cloud_thing.a"].first("url") == Sensitive("https://u:hunter2-hunter2@x")
    assert "hunter2" not in repr(facts)


def test_the_declaration_is_read_from_the_output(tmp_path: Path) -> None:
    value = {"zone": "eu-resident", "data_class": "personal", "country": "DE", "conditions": {"dpia": "2026-01-01"}}
    found = stack(tmp_path, {"output": {"data_residency": {"value": value}}}).declaration
    assert (found.zone, found.data_class, found.country, found.conditions) == ("eu-resident", "personal", "DE", {"dpia": "2026-01-01"})


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("override.tf", "override"),
        ("main.tf", "hcl"),
        ("x.auto.tfvars", "variables"),
        (".terraform.lock.hcl", "lock"),
        (".checkov.yaml", "checkov"),
        ("terraform.tfstate.backup", "state"),
        ("notes.txt", "other"),
        ("extra.tf.json", "terraform"),
    ],
)
def test_every_file_beside_the_stack_is_something_to_judge(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).write_text("{}")
    assert stack(tmp_path, {"locals": {}}).by_address[f"file.{name}"].first("kind") == kind


def test_a_link_and_a_file_in_a_folder_are_seen_and_terraforms_cache_is_not(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to("/etc/hostname")
    for folder in (".terraform", "assets"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.yaml").write_text("a: 1")
    files = {resource.first("name"): resource.first("kind") for resource in stack(tmp_path, {"locals": {}}).of("file")}
    assert files == {"link.txt": "link", "assets/x.yaml": "other"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{\n"resource": {\n"cloud_thing": {"a": {"x": 1,\n"x": 2}}}}', 'cdk.tf.json:4  the key "x" is there twice'),
        ('{"resource": {"cloud_thing":\n{"a": null}}}', "cdk.tf.json:2  resource.cloud_thing.a: is null"),
        ('{"resource": {"cloud_thing": {"a": 5}}}', "resource.cloud_thing.a: is no object but int"),
        ('{"provider": {"cloud": null}}', "provider.cloud: is null"),
        ('{\n"resource": \n', "cdk.tf.json:3  not JSON"),
        ("", "cdk.tf.json  is empty"),
        ("[]", "is no object"),
        ("[1]", "cdk.tf.json:1  is no object: not a file of Terraform"),
        ("7", "is no object: not a file of Terraform"),
        ('{"a": NaN}', "NaN is no JSON value"),
        ("[" * 300 + "]" * 300, "nested more than 200 times"),
        ("[" * 100000, "not JSON"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_line(tmp_path: Path, content: str, expected: str) -> None:
    (tmp_path / "cdk.tf.json").write_text(content)
    assert expected in problem(tmp_path)
    assert problem(tmp_path)


def test_bytes_that_are_no_text_and_an_empty_or_missing_folder_are_problems(tmp_path: Path) -> None:
    assert "nothing to judge" in problem(tmp_path)
    assert "cannot be" in problem(tmp_path / "missing") or "No such file" in problem(tmp_path / "missing")
    (tmp_path / "cdk.tf.json").write_bytes(b"\xff\xfe\x00")
    assert "no UTF-8 text" in problem(tmp_path)


def test_tabs_are_fine(tmp_path: Path) -> None:
    (tmp_path / "cdk.tf.json").write_text('{\n\t"locals": {\n\t\t"a": 1\n\t}\n}\n')
    assert not problem(tmp_path)


def test_a_cdktf_output_is_one_facts_per_stack_listed_or_not(tmp_path: Path) -> None:
    for name in ("eu", "left-over"):
        (tmp_path / "stacks" / name).mkdir(parents=True)
        (tmp_path / "stacks" / name / "cdk.tf.json").write_text(json.dumps(resources(cloud_thing={"a": {"location": name}})))
    (tmp_path / "manifest.json").write_text(
        json.dumps({"stacks": {"eu": {"workingDirectory": "stacks/eu"}, "gone": {"workingDirectory": "stacks/gone"}}})
    )
    found = {facts.name: facts for facts in read(tmp_path)}
    assert list(found) == ["eu", "gone", "left-over"]
    assert not found["eu"].problems
    assert found["gone"].problems
    assert found["left-over"].by_address["cloud_thing.a"].first("location") == "left-over"


def test_one_stack_file_can_be_read_alone(tmp_path: Path) -> None:
    stack(tmp_path, resources(cloud_thing={"a": {}}))
    (facts,) = read(tmp_path / "cdk.tf.json")
    assert addresses(facts) == ["cloud_thing.a"]
    assert facts.name == tmp_path.name


def test_depends_on_is_no_value(tmp_path: Path) -> None:
    found = one(tmp_path, {"depends_on": ["cloud_other.b"], "lifecycle": {"ignore_changes": ["location"]}})
    assert dict(found.attributes) == {"lifecycle": {"ignore_changes": ["location"]}}


def test_a_file_of_the_stack_is_read_and_one_outside_is_not(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "region.json").write_text('{"region": "eastus"}')
    (tmp_path.parent / "outside.txt").write_text("eastus")
    body = {
        "location": '${jsondecode(file("${path.module}/assets/region.json")).region}',
        "out": '${file("../outside.txt")}',
        "none": '${file("x")}',
    }
    found = one(tmp_path, body)
    assert found.first("location") == "eastus"
    assert isinstance(found.first("out"), Unknown)
    assert isinstance(found.first("none"), Unknown)


def test_a_template_of_the_stack_is_rendered_with_its_variables(tmp_path: Path) -> None:
    (tmp_path / "region.tftpl").write_text("%{ for part in parts ~}\n${part}\n%{~ endfor ~}\n")
    body = {
        "location": '${templatefile("${path.module}/region.tftpl", {parts = ["east", "us"]})}',
        "lacking": '${templatefile("region.tftpl", {})}',
        "out": '${templatefile("../region.tftpl", {parts = []})}',
    }
    found = one(tmp_path, body)
    assert found.first("location") == "eastus"
    assert isinstance(found.first("lacking"), Unknown)
    assert isinstance(found.first("out"), Unknown)


def test_a_hidden_file_is_not_merged_as_terraform_does_not_read_it_either(tmp_path: Path) -> None:
    (tmp_path / ".x_override.tf.json").write_text(json.dumps(resources(cloud_thing={"a": {"location": "westeurope"}})))
    facts = stack(tmp_path, resources(cloud_thing={"a": {"location": "eastus"}}))
    assert facts.by_address["cloud_thing.a"].first("location") == "eastus"
    assert "file..x_override.tf.json" in facts.by_address


def test_names_that_double_each_other_end_as_unknown(tmp_path: Path) -> None:
    names = range(1, 61)
    texts = {f"t{number - 1}": f"${{local.t{number}}}${{local.t{number}}}" for number in names}
    lists = {f"l{number - 1}": f"${{[local.l{number}, local.l{number}]}}" for number in names}
    things = resources(cloud_thing={"a": {"text": "${local.t0}"}, "b": {"list": "${local.l0}"}})
    facts = stack(tmp_path, {"locals": {**texts, **lists, "t60": "xxxx", "l60": "x"}, **things})
    assert isinstance(facts.by_address["cloud_thing.a"].first("text"), Unknown)
    assert {type(found.value) for found in facts.by_address["cloud_thing.b"].leaves()} == {Unknown}


def test_a_dynamic_block_that_cannot_be_read_is_not_dropped(tmp_path: Path) -> None:
    assert isinstance(one(tmp_path, {"dynamic": {"geo": {"content": {"location": "eastus"}}}}).first("dynamic"), Unknown)
