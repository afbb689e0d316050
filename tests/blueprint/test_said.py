"""What a resource says, opened: documents, plain configuration, command lines, composed variables."""

from typing import Any

import pytest

from blueprint.facts import Resource
from blueprint.said import options, said


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
