"""Configuration in plain text, in the formats people have."""

from typing import Any

import pytest

from blueprint.facts.plain import settings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[[outputs.http]]\nurl = "https://x.eu" # why\n', {"outputs.http": {"url": "https://x.eu"}}),
        ("[OUTPUT]\n    Name http\n    Host x.eu\n", {"OUTPUT": {"Name": "http", "Host": "x.eu"}}),
        ("a.b-servers=x:1,y:2\nc: d\n", {"a.b-servers": "x:1,y:2", "c": "d"}),
        ("export A=b\n", {"A": "b"}),
        ('remote "default" {\n  endpoint { url = "u" }\n}\n', {"remote default": {"endpoint": {"url": "u"}}}),
        ("upstream llm { server a:1; server b:2; }\n", {"upstream llm": {"server": ["a:1", "b:2"]}}),
        ("<match **>\n  <server>\n    host x\n  </server>\n</match>\n", {"match": {"server": {"host": "x"}}}),
        ("servers = [\n  'a:1',\n  'b:2',\n]\nport = 1\n", {"servers": ["a:1", "b:2"], "port": "1"}),
    ],
)
def test_a_format_becomes_data(text: str, found: dict[str, Any]) -> None:
    assert settings(text) == found


@pytest.mark.parametrize("line", ["# url = x", "; url = x", "// url = x", "  * url = x", "<!-- url = x -->"])
def test_a_comment_says_nothing(line: str) -> None:
    assert settings(f"a = b\n{line}\n") == {"a": "b"}


def test_an_address_is_no_comment() -> None:
    assert settings("url = http://x.eu/#part\n") == {"url": "http://x.eu/#part"}


def test_a_template_with_a_default_is_its_default() -> None:
    assert settings("host = ${HOST:-api.openai.com}\nurl = https://${HOST}/v1\n") == {"host": "api.openai.com", "url": "https://$(HOST)/v1"}


def test_a_section_that_is_there_twice_is_a_list() -> None:
    assert settings("[a]\nx=1\n[a]\nx=2\n") == {"a": [{"x": "1"}, {"x": "2"}]}


def test_more_ends_than_beginnings_are_no_error() -> None:
    assert settings("}\n}\na = b\n") == {"a": "b"}


def test_what_a_script_says_of_itself_is_no_configuration() -> None:
    text = '"""Send it.\n\nSee https://docs.example/a.\n"""\nURL = "https://b.example"\n\ndef main():\n    """More: https://c.example."""\n'
    assert "docs.example" not in str(settings(text))
    assert "c.example" not in str(settings(text))
    assert settings(text)["URL"] == "https://b.example"
