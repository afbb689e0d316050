"""Writes docs/reference/policies.md: every rule with why, basis, controls and what it says about the canary.

python -m blueprint.policy.reference
"""

from collections.abc import Iterator
from pathlib import Path

from blueprint.policy import checking
from blueprint.policy.checkov import CANARY
from blueprint.policy.declared import Options
from blueprint.policy.registry import rule_files, rules
from blueprint.policy.report import Result
from blueprint.policy.rule import Rule

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "policies.md"
HEAD = """# Policies

Written by `python -m blueprint.policy.reference`. What must hold, why, by which law, and which controls a pass supports; a mapped pass
supports a control, it never equals compliance. What no file can prove (who may log in from where, what a contract says) is declared
with a date in the environment, and is said to be a declaration.

`blueprint policies check cdktf.out` runs all of them, `blueprint policies explain R05` shows one.
The examples are what the rules say about the canary, a stack that breaks every rule (`blueprint/policy/canary/`).
"""


def render() -> str:
    """The page's text."""
    found: dict[str, Result] = {}
    for result in checking.check(CANARY, Options()).failures:
        found.setdefault(result.rule, result)
    table = ["| rule | severity | what must hold |", "|---|---|---|"]
    table += [f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity.lower()} | {rule.title} |" for rule in rules()]
    return "\n".join([HEAD, *table, *(line for rule in rules() for line in _section(rule, found.get(rule.id)))]) + "\n"


def _section(rule: Rule, example: Result | None) -> Iterator[str]:
    yield from ("", f"## {rule.id}", "", f"**{rule.title[0].upper()}{rule.title[1:]}.** {rule.why}", "")
    yield f"- looks at: {', '.join(f'`{pattern}`' for pattern in rule.looks_at)}"
    yield f"- basis: {rule.basis}"
    yield f"- controls: {', '.join(rule.controls)}"
    yield f"- file: [{rule_files()[rule.id]}](../../{rule_files()[rule.id]})"
    if example:
        yield from ("", "```text", *_told(example), "```")


def _told(result: Result) -> Iterator[str]:
    yield f"{result.status} {result.rule}  {result.address}  {result.path}".rstrip()
    for label in ("found", "allowed", "why", "next"):
        if text := getattr(result, label):
            yield f"    {label:<8} {text}"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render(), encoding="utf-8")
    print(f"wrote {PAGE.name}")
