"""Loading: all mistakes of a file at once, in the reader's words, and no traceback whatever the file."""

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.environment import Environment
from blueprint.environment.document import read, show
from blueprint.environment.loading import examine, load, load_all
from blueprint.environment.schema import schema
from blueprint.environment.wording import FORMATS, PATTERNS
from blueprint.errors import BlueprintError, EnvironmentInvalid, Problem

ROOT = Path(__file__).parents[2]
PRODUCTION = ROOT / "environments" / "eu-prod.yaml"
BROKEN = Path(__file__).parent / "data" / "broken.yaml"
NOISE = ("Input should", "pydantic", "https://errors", "value_error", "Value error", "Traceback", "type=")


def problems_of(tmp_path: Path, text: str | bytes, name: str = "some") -> list[Problem]:
    path = tmp_path / f"{name}.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return examine(path)[1]


def edited(*replacements: tuple[str, str]) -> str:
    text = PRODUCTION.read_text()
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize("name", ["eu-prod", "dev"])
def test_the_environments_we_ship_load(name: str) -> None:
    environment = load(ROOT / "environments" / f"{name}.yaml")
    assert isinstance(environment, Environment)
    assert environment.name == name


def test_all_environments_load_by_name() -> None:
    assert {"dev", "eu-prod"} <= set(load_all(ROOT / "environments"))


def test_dates_stay_dates() -> None:
    assert str(load(PRODUCTION).data_residency.conditions["processor_contract"]) == "2026-03-01"


PLANTED = {
    (4, "organisation"),
    (6, "data_residency.zone"),
    (8, "data_residency.conditions.processor_contract"),
    (8, "data_residency.conditions.transfer_assessment"),
    (13, "cluster.regin"),
    (14, "cluster.network"),
    (16, "cluster.gpu_pools.h100"),
    (17, "cluster.gpu_pools.spot.instance"),
    (23, "models.analysis.pool"),
    (24, "models.analysis.max_context_tokens"),
    (25, "models.analysis.tensor_parallel"),
    (26, "models.search.model"),
    (26, "models.search.replicas.min"),
    (27, "models.long"),
    (31, "apis.drafting.region"),
    (34, "gateway.hostname"),
    (35, "gateway.teams"),
    (36, "gateway.aliases.best"),
    (38, "budget.amount_per_month"),
    (38, "budget.starts"),
    (38, "budget.contacts"),
}


def test_a_broken_file_tells_all_its_mistakes_at_once_with_line_and_path() -> None:
    errors = [problem for problem in examine(BROKEN)[1] if problem.severity == "error"]
    assert {(problem.line, problem.path) for problem in errors} == PLANTED
    assert len(errors) == len(PLANTED)


def test_problems_come_in_the_order_of_the_file() -> None:
    lines = [problem.line for problem in examine(BROKEN)[1]]
    assert lines == sorted(lines)


def test_messages_are_ours_and_not_the_validator_s() -> None:
    text = "\n".join(map(str, examine(BROKEN)[1]))
    assert not [noise for noise in NOISE if noise in text]


def test_load_raises_with_every_problem() -> None:
    with pytest.raises(EnvironmentInvalid) as caught:
        load(BROKEN)
    assert len(caught.value.problems) >= len(PLANTED)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ("target: aks", "target: eks", "cluster.target", "allowed: aks"),
        ("  region: westeurope\n  gpu", "  regoin: westeurope\n  gpu", "cluster.regoin", "did you mean `region`?"),
        ("personal  ", "persnal  ", "data_residency.data_class", "did you mean `personal`?"),
        ("organisation: acme", "organisation: a-c-m-e", "organisation", "2 to 8 lower-case letters and digits"),
        ('start: "07:00"', 'start: "7 o\'clock"', "models.analysis.schedule.start", 'a time such as "07:30"'),
        ("Europe/Amsterdam, days", "Amsterdam, days", "models.analysis.schedule.timezone", "not an IANA time zone"),
        ("Europe/Amsterdam, days", "A" * 300 + ", days", "models.analysis.schedule.timezone", "not an IANA time zone"),
        ("max_context_tokens: 32768", "max_context_tokens: 12", "models.analysis.max_context_tokens", "a whole number of at least 256"),
        ("max: 4", "max: 4000", "cluster.gpu_pools.h100.max", "a whole number from 1 to 1000"),
        ("starts: 2026-12-01", "starts: soon", "budget.starts", "a date such as 2026-12-01"),
        ("spot: true", "spot: perhaps", "cluster.gpu_pools.batch.spot", "true or false"),
        ("contacts: [platform@acme.example]", "contacts: [platform]", "budget.contacts[0]", "an e-mail address"),
        (
            "processor_contract:",
            "processor_contarct:",
            "data_residency.conditions.processor_contarct",
            "did you mean `processor_contract`?",
        ),
        ("classify:", "Classify:", "models.Classify", "lower-case letters, digits and hyphens"),
        ("gateway:\n", "gateway:\nrest:\n", "gateway", "this key has no value"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(tmp_path: Path, old: str, new: str, path: str, said: str) -> None:
    found = [problem for problem in problems_of(tmp_path, edited((old, new))) if problem.path == path]
    assert found, f"nothing said about {path}"
    assert said in str(found[0])
    assert not [noise for noise in NOISE if noise in str(found[0])]


def test_a_missing_key_is_told_at_the_mapping_it_belongs_to(tmp_path: Path) -> None:
    problems = problems_of(tmp_path, edited(("  target: aks\n", "")))
    line = PRODUCTION.read_text().splitlines().index("cluster:") + 1
    assert [(problem.line, problem.path, problem.next) for problem in problems] == [(line, "cluster.target", "add `target`")]


def test_form_and_meaning_are_told_together(tmp_path: Path) -> None:
    """The refused budget does not hide that a region is outside the zone."""
    paths = {
        problem.path
        for problem in problems_of(
            tmp_path, edited(("amount_per_month: 30000", "amount_per_month: much"), ("region: westeurope", "region: eastus"))
        )
    }
    assert {"budget.amount_per_month", "cluster.region"} <= paths


def test_members_of_a_union_are_told_apart_by_their_tag(tmp_path: Path) -> None:
    text = PRODUCTION.read_text()
    s3 = problems_of(tmp_path, f"{text}\nstate: {{backend: s3, region: westeurope, bucket: tf}}\n")
    assert [problem.path for problem in s3] == ["state.endpoint"]
    unknown = problems_of(tmp_path, f"{text}\nstate: {{backend: gcs}}\n")
    assert [(problem.path, problem.allowed) for problem in unknown] == [("state.backend", "azurerm, s3")]


def test_the_environment_is_named_by_its_file_alone(tmp_path: Path) -> None:
    assert [problem.path for problem in problems_of(tmp_path, f"name: other\n{PRODUCTION.read_text()}")] == ["name"]
    [problem] = problems_of(tmp_path, PRODUCTION.read_text(), name="Europe Production")
    assert problem.next == "rename the file"


# Each line holds the one before eight times: 8^7 values in 250 characters.
EXPANDING = "a: &a [1, 1]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 8)}]\n" for a, b in pairwise("abcdefg"))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "is empty"),
        ("# nothing yet\n", 1, "is empty"),
        ("- a\n- b\n", 1, "is not a mapping"),
        ("a: 1\nb: [1, 2\n", 3, "is not valid YAML"),
        ("a: 1\n\tb: 2\n", 2, "not tabs"),
        ("a: 1\na: 2\n", 2, "key already given on line 1"),
        ("a: &it [*it]\n", 1, "contains itself"),
        ("a: *nobody\n", 1, "undefined alias"),
        ("a: &it {b: 1}\nc: {<<: *it}\n", 2, "merge keys are not supported"),
        ("a: !!python/object:os.system ls\n", 1, "is not used in environments"),
        ("a: !secret x\n", 1, "is not used in environments"),
        ("a: 2026-13-01\n", 1, "month must be in 1..12"),
        ("? [a, b]\n: 1\n", 1, "a key must be a word"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("[" * 3000, 1, "nested too deeply"),
        (EXPANDING, 1, "more than 20000"),
        (b"a: \xff\xfe", 1, "not UTF-8"),
        (b"a: \x00", 1, "is not valid YAML"),
    ],
)  # fmt: skip
def test_what_yaml_itself_has_to_say_is_told_with_its_line(tmp_path: Path, text: str | bytes, line: int, said: str) -> None:
    found = [problem for problem in problems_of(tmp_path, text) if said in str(problem)]
    assert found
    assert found[0].line == line


def test_a_file_that_cannot_be_read_is_a_problem_and_not_a_crash(tmp_path: Path) -> None:
    assert "No such file" in examine(tmp_path / "nowhere.yaml")[1][0].message
    assert "directory" in examine(tmp_path)[1][0].message


def test_yaml_1_2_leaves_no_and_times_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("country: no\nstart: 07:00\n")
    assert read(path).data == {"country": "no", "start": "07:00"}


def test_a_folder_without_environments_is_told(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError, match="no environment in"):
        load_all(tmp_path)


def test_a_folder_with_one_bad_file_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(PRODUCTION.read_text())
    (tmp_path / "bad.yaml").write_text("description: nothing else\n")
    with pytest.raises(EnvironmentInvalid) as caught:
        load_all(tmp_path)
    assert {Path(problem.file).stem for problem in caught.value.problems} == {"bad"}


def test_every_pattern_and_format_of_the_models_has_words() -> None:
    patterns: set[str] = set()
    formats: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            patterns.update([node["pattern"]] if isinstance(node.get("pattern"), str) else [], node.get("patternProperties", {}))
            formats.update([node["format"]] if isinstance(node.get("format"), str) else [])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(schema())
    assert patterns <= set(PATTERNS), "say it in words in blueprint/environment/wording.py"
    assert formats <= set(FORMATS), "say it in words in blueprint/environment/wording.py"


def test_places_are_shown_as_people_write_them() -> None:
    assert show(("cluster", "zones", 0)) == "cluster.zones[0]"


LINES = PRODUCTION.read_text().splitlines()
SCRAPS = [
    "",
    "null",
    "[]",
    "{}",
    "0",
    "-1",
    "1e400",
    "true",
    "2026-02-30",
    "'",
    '"',
    "*x",
    "&x",
    "<<: {a: 1}",
    "? x",
    "!!int y",
    "\t",
    "é\u2028",
    "name: x",
    ": :",
    "[[[",
]


def mutated(seed: int) -> str:
    """eu-prod with a few lines dropped, doubled, swapped, cut, re-indented or filled with scraps."""
    chance = random.Random(seed)
    lines = LINES.copy()
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        line = lines[at]
        key, colon, value = line.partition(":")
        cut = chance.randrange(len(line) + 1)
        lines[at] = chance.choice(
            [
                f"{key}{colon} {chance.choice(SCRAPS)}",
                f"{line}\n{line}",
                line[:cut],
                line[:cut] + chance.choice(SCRAPS) + line[cut:],
                f"  {line}",
                line.strip(),
                lines[other],
                value,
                line.replace(",", "", 1),
                line.replace("max", "min", 1),
            ]
        )
    return "\n".join(lines)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_no_mutation_of_a_file_crashes_or_lets_noise_through(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated.yaml"
    path.write_text(mutated(seed))
    environment, problems = examine(path)
    assert environment is None or not [problem for problem in problems if problem.severity == "error"]
    assert environment is not None or problems
    text = "\n".join(map(str, problems))
    assert not [noise for noise in NOISE if noise in text]


def test_an_unknown_target_hides_no_other_mistake(tmp_path: Path) -> None:
    """The rest is read as the kind that fits best."""
    problems = problems_of(
        tmp_path, edited(("target: aks", "target: eks"), ("max: 4", "max: 4000"), ("region: westeurope\n", "region: eastus\n"))
    )
    assert {"cluster.target", "cluster.gpu_pools.h100.max", "cluster.region"} <= {problem.path for problem in problems}
