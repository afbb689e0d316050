"""What Terraform's expressions come to: known, unknown with what they refer to, or secret."""

from typing import Any

import pytest

from blueprint.facts import Sensitive, Unknown
from blueprint.facts.expressions import resolve
from blueprint.facts.lazy import Lazy, Scope

VALUES: dict[str, Any] = {
    "region": "West Europe",
    "regions": ["westeurope", "eastus"],
    "by_name": {"us": "eastus", "eu": "westeurope"},
    "later": Unknown("known after apply", ("cloud_thing.a",)),
    "other": Unknown("known after apply", ("cloud_thing.b",)),
    "secret": Sensitive("hunter2-hunter2"),
    "yes": True,
}


class Variables(Lazy):
    def item(self, key: Any) -> Any:
        return VALUES[key]

    def whole(self) -> Any:
        return VALUES


SCOPE = Scope(lambda name: Variables() if name == "var" else Unknown(f"{name} is not known", (name,)))


def value(text: str) -> Any:
    return resolve(text, SCOPE)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("westeurope", "westeurope"),
        ("${var.region}", "West Europe"),
        ("x-${var.yes}-y", "x-true-y"),
        ('${"a${"b${var.yes}"}"}', "abtrue"),
        ("$${var.region} %%{if}", "${var.region} %{if}"),
        ("%{ if var.yes }west%{ else }east%{ endif }europe", "westeurope"),
        ("%{ if !var.yes }x%{ endif }", ""),
        ("%{ for r in [1, 2] }${r},%{ endfor }", "1,2,"),
        ("%{ for k, v in {a = 1} }${k}${v}%{ endfor }", "a1"),
        ("a  %{~ if true ~}  b  %{~ endif ~}  c", "abc"),
        ('${"%{ if true }a%{ endif }"}', "a"),
        ('${csvdecode("r\\nwesteurope")[0].r}', "westeurope"),
        ("costs $5, 10% off", "costs $5, 10% off"),
        ("${<<EOT\n  a ${var.yes}\n  EOT\n}", "  a true\n"),
        ("${upper(<<-EOT\n    a\n      b\n  EOT\n)}", "A\n  B\n"),
        ('${lower(replace(var.region, " ", ""))}', "westeurope"),
        ('${replace("west-europe", "/-(.*)/", "+$1")}', "west+europe"),
        ("${var.regions[1]}", "eastus"),
        ("${var.regions.1}", "eastus"),
        ('${var.by_name["us"]}', "eastus"),
        ("${var.by_name.us}", "eastus"),
        ('${lookup(var.by_name, "fr", "francecentral")}', "francecentral"),
        ('${var.yes ? "westeurope" : "eastus"}', "westeurope"),
        ('${!var.yes || 1 + 2 * 3 != 7 ? "a" : "b"}', "b"),
        ("${7 % 4 - -1}", 4),
        ("${10 / 4}", 2.5),
        ('${join("", ["east", "us"])}', "eastus"),
        ('${format("%s-%02d", "a", 7)}', "a-07"),
        ('${element(["a", "b"], 3)}', "b"),
        ('${coalesce("", null, "x")}', "x"),
        ("${try(var.by_name.fr, var.by_name.eu)}", "westeurope"),
        ("${can(var.by_name.fr)}", False),
        ('${base64decode("ZWFzdHVz")}', "eastus"),
        ('${jsondecode("{\\"a\\": [\\"eastus\\"]}").a[0]}', "eastus"),
        ('${yamldecode("a: eastus").a}', "eastus"),
        ('${merge({a = 1}, {"b" = 2})}', {"a": 1, "b": 2}),
        ('${concat(["a"], [])}', ["a"]),
        ('${toset(["b", "a", "b"])}', ["a", "b"]),
        ("${var.regions[*]}", ["westeurope", "eastus"]),
        ("${[for r in var.regions : upper(r) if r != var.regions[0]]}", ["EASTUS"]),
        ("${{for k, v in var.by_name : v => k}}", {"eastus": "us", "westeurope": "eu"}),
        ("${flatten([[1], [[2]]])}", [1, 2]),
        ('${split(",", "a,b")}', ["a", "b"]),
        ('${contains(var.regions, "eastus")}', True),
        ('${trimspace(" a ")}${substr("hello", 1, 2)}', "ael"),
        ('${"a" == "a" && 1 < 2}', True),
        ('${1 == "1"}', False),
        ("${length(var.regions)}", 2),
        ('${regex("^https://([^.]+)", "https://eu.example")[0]}', "eu"),
        ('${replace("eastus-1", "/-(\\\\d)$/", "$1")}', "eastus1"),
        ("${max(1, 2)...}", None),
        ('${"tab\\t\\u00e9"}', "tab\té"),
        ("${min([3, 2]...)}", 2),
        ("${false ? var.later : var.region}", "West Europe"),
    ],
)
def test_a_value_is_computed_as_terraform_does(written: str, expected: Any) -> None:
    found = value(written)
    assert found == expected if expected is not None else isinstance(found, Unknown)


@pytest.mark.parametrize(
    "written",
    [
        "${var.later}",
        "${var.later.id[0]}",
        "${upper(var.later)}",
        "${var.later[*].id}",
        "${[for x in var.later : x]}",
        "${var.yes ? var.later : 1}",
        "id-${var.later}",
        '${join("/", ["a", var.later])}',
        '${format("%s/x", var.later)}',
        "${var.later == 1}",
        "${[var.later][0]}",
        "${merge({a = var.later}, {}).a}",
    ],
)
def test_an_unknown_keeps_what_it_refers_to(written: str) -> None:
    found = value(written)
    assert isinstance(found, Unknown)
    assert found.references == ("cloud_thing.a",)


def test_an_undecided_conditional_is_unknown_even_if_both_branches_are_known() -> None:
    found = value('${var.later == "x" ? "westeurope" : "eastus"}')
    assert isinstance(found, Unknown)
    assert value('${var.later == "x" ? "eastus" : "eastus"}') == "eastus"


def test_a_text_with_an_unknown_part_keeps_the_known_part() -> None:
    found = value("https://${var.later}.eastus.example.com/${var.other}")
    assert found.text == "https://⟨cloud_thing.a⟩.eastus.example.com/⟨cloud_thing.b⟩"
    assert found.references == ("cloud_thing.a", "cloud_thing.b")


def test_what_is_encoded_around_an_unknown_can_still_be_read() -> None:
    assert value('${jsonencode({location = "eastus", id = var.later})}').text == '{"id":"⟨cloud_thing.a⟩","location":"eastus"}'


@pytest.mark.parametrize("written", ["${var.secret}", "x${var.secret}", "${upper(var.secret)}", '${sensitive("x")}', "${var.secret == 1}"])
def test_what_comes_from_a_secret_is_secret(written: str) -> None:
    found = value(written)
    assert isinstance(found, Sensitive)
    assert "hunter2" not in f"{found!r}{found}".lower()


def test_nonsensitive_shows_what_was_hidden() -> None:
    assert value("${nonsensitive(var.secret)}") == "hunter2-hunter2"


@pytest.mark.parametrize(
    "written",
    [
        "${",
        "${}",
        "${a b}",
        "${var.regions[9]}",
        "${upper(var.regions)}",
        "${uuid()}",
        '${file("x")}',
        "${provider::x::y(1)}",
        "%{ if true }x",
        "x%{ endif }",
        "%{ for r }x%{ endfor }",
        "%{ while true }x%{ endwhile }",
        "${" + "(" * 500 + "1",
        "${" + "!" * 5000 + "true}",
        "${1/0}",
        '${regex("(", "a")}',
        '${regex("(a+)+$", "' + "a" * 200 + 'b")}',
        '${replace("' + "a" * 200 + '", "/(a|a)*b/", "x")}',
        "${range(100000000)}",
        '${"\\uZZZZ"}',
        "${var.region",
    ],
)
def test_what_has_no_value_is_unknown_with_a_reason_and_never_an_error(written: str) -> None:
    found = value(written)
    assert isinstance(found, Unknown)
    assert found.reason


def test_a_failing_function_does_not_tell_its_secret_argument() -> None:
    assert "hunter2" not in repr(value("${jsondecode(var.secret)}"))
