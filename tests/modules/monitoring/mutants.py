"""Rules with one thing changed: comparisons, figures, windows and offsets, labels that are grouped or joined by, matchers, `for`.

Not changed: `cluster`, which is the same on all series of a Prometheus, and recordings with tests of their own (business hours,
objectives, what the environment says of its models).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from blueprint.monitoring import Rule
from tests.modules.monitoring import cases

ELSEWHERE = ("tz:", "slo:", "model:llm_priority:", "model:llm_batch_places:config")

COMPARISONS = {">": (">=", "<"), "<": ("<=", ">"), ">=": (">",), "<=": ("<",), "==": ("!=",), "!=": ("==",)}
COMPARISON = re.compile(r"[<>]=?|[=!]=")
NUMBER = re.compile(r"(?<![\w.:])\d+(?:\.\d+)?(?![\w.:])")
SPAN = re.compile(r"(?<=\[)(\d+)([smhdw])|(?<=offset )(\d+)([smhdw])")
GROUPING = re.compile(r"\b(?:by|on|ignoring|without)\s*\(([^)]*)\)")
MATCHER = re.compile(r'(?<=\w)(=~|!~|!=|=)(?=")')
HIDDEN = re.compile(r'"(?:\\.|[^"\\])*"|\{[^}]*\}|\[[^\]]*\]')


@dataclass(frozen=True)
class Mutant:
    """A changed rule: the name of the alert or recording, what was changed, and the rule as it is then."""

    rule: str
    change: str
    index: int
    result: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        return f"{self.rule}: {self.change}"


def mutants(name: str, index: int, rule: Rule) -> Iterator[Mutant]:
    """Every mutant of one rule."""
    for change, expr in expressions(rule["expr"]):
        yield Mutant(name, change, index, (("expr", expr),))
    if "alert" in rule:
        held = rule.get("for", "0s")
        for other in ("0s", _twice(held)) if held != "0s" else ("5m",):
            yield Mutant(name, f"for {held} -> {other}", index, (("for", other),))


def expressions(expr: str) -> Iterator[tuple[str, str]]:
    """Every changed expression, with what was changed."""
    seen = HIDDEN.sub(lambda found: "\0" * len(found[0]), expr)
    changes = [*_figures(seen), *_spans(expr), *_labels(seen), *_matchers(expr)]
    for start, end, new in changes:
        yield f"{_context(expr, start, end)} -> {new or '(nothing)'}", expr[:start] + new + expr[end:]


def _figures(seen: str) -> Iterator[tuple[int, int, str]]:
    for found in COMPARISON.finditer(seen):
        yield from ((*found.span(), other) for other in COMPARISONS[found[0]])
    for found in NUMBER.finditer(seen):
        figure = float(found[0])
        yield from ((*found.span(), f"{other:g}") for other in ((figure * 1.2, figure * 0.8) if figure else (1.0,)))


def _spans(expr: str) -> Iterator[tuple[int, int, str]]:
    for found in SPAN.finditer(expr):
        yield (*found.span(), _twice(found[0]))


def _labels(seen: str) -> Iterator[tuple[int, int, str]]:
    for found in GROUPING.finditer(seen):
        labels = [label.strip() for label in found[1].split(",") if label.strip()]
        for label in labels:
            if label != "cluster":
                yield (*found.span(1), ", ".join(other for other in labels if other != label))


def _matchers(expr: str) -> Iterator[tuple[int, int, str]]:
    opposite = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}
    return ((*found.span(), opposite[found[1]]) for found in MATCHER.finditer(expr))


def _twice(duration: str) -> str:
    return re.sub(r"\d+", lambda found: str(2 * int(found[0])), duration)


def _context(expr: str, start: int, end: int) -> str:
    """The place in a few words, the same as long as the expression is."""
    before, after = " ".join(expr[:start].split())[-40:], " ".join(expr[end:].split())[:20]
    return f"…{before} [{expr[start:end]}] {after}…"


@cache
def read_by_alerts() -> dict[str, tuple[str, ...]]:
    """Every recording that is tested through alerts, and these."""
    readers: dict[str, list[str]] = {}
    for name, alert in sorted(cases.readable().alerts.items()):
        for record in dict.fromkeys(rule["record"] for rule in cases.rules(alert) if "record" in rule):
            if not record.startswith(ELSEWHERE):
                readers.setdefault(record, []).append(name)
    return {record: tuple(names) for record, names in readers.items()}


def all_mutants(alerts: Sequence[str] = ()) -> list[Mutant]:
    """Mutants of these alerts (of all) and of the recordings they read."""
    chosen = alerts or sorted(cases.readable().alerts)
    found = []
    for name in chosen:
        own = [rule for rule in cases.rules(cases.readable().alerts[name]) if "alert" in rule]
        found += list(mutants(name, 0, own[0]))
    for record, readers in read_by_alerts().items():
        if set(readers) & set(chosen):
            found += [mutant for index, rule in enumerate(cases.recorded(record)) for mutant in mutants(record, index, rule)]
    return found


def sample(one_in: int) -> list[Mutant]:
    """The same share of the alerts' own mutants each time."""
    return [mutant for mutant in all_mutants() if mutant.rule in cases.readable().alerts and crc32(mutant.name.encode()) % one_in == 0]
