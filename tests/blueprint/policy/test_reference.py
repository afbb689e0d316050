"""The reference page is what the rules say now."""

from blueprint.policy.reference import PAGE, render
from blueprint.policy.registry import rules


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text() == render(), "python -m blueprint.policy.reference"


def test_every_rule_is_explained_with_its_law_its_controls_and_an_example() -> None:
    sections = render().split("\n## ")[1:]
    assert len(sections) == len(rules())
    assert [section[:3] for section in sections if "- basis: \n" in section or "- controls: \n" in section] == []
    assert [section[:3] for section in sections if "```text" not in section] == []
