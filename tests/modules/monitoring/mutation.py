"""Changes one thing in a rule at a time and asks whether some alert's cases notice: a mutation test of the cases.

    python -m tests.modules.monitoring.mutation [--processes N] [ALERT ...]

Changed are comparisons, figures, windows and offsets, labels that are grouped or joined by, label matchers, and `for`; in alerts, and
in the recordings they read. Not changed: `cluster`, which is the same on all series of a Prometheus, and recordings with tests of
their own (business hours, objectives, what the environment says of its models). Survivors that change nothing anybody could
notice stand in survivors.yaml, each with the reason; the command ends with 1 where others survive, or fewer than 90 % are noticed.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import yaml

from blueprint.monitoring import Rule
from tests.modules.monitoring import cases
from tests.modules.monitoring.promtool import failures

SURVIVORS = Path(__file__).parent / "survivors.yaml"
WANTED = 0.9
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


def all_mutants(alerts: list[str] | None = None) -> list[Mutant]:
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


def survives(mutant: Mutant) -> bool:
    """Whether no alert's cases notice."""
    return not any(_noticed(mutant, alert) for alert in read_by_alerts().get(mutant.rule, (mutant.rule,)))


def _noticed(mutant: Mutant, name: str) -> bool:
    alert = cases.readable().alerts[name]
    own = cases.rules(alert)
    same = [place for place, rule in enumerate(own) if rule.get("record", rule.get("alert")) == mutant.rule]
    places = same if mutant.rule == name else same[mutant.index : mutant.index + 1]
    changed = [rule | dict(mutant.result) if place in places else rule for place, rule in enumerate(own)]
    with TemporaryDirectory() as folder:
        return failures(Path(folder), cases.lay_out(alert, changed, Path(folder))) != ""


def sample(one_in: int) -> list[Mutant]:
    """The same share of the alerts' own mutants each time."""
    return [mutant for mutant in all_mutants() if mutant.rule in cases.readable().alerts and crc32(mutant.name.encode()) % one_in == 0]


def explained() -> dict[str, str]:
    """Survivors that are known, with the reason."""
    return {name: why for why, names in (yaml.safe_load(SURVIVORS.read_text()) or {}).items() for name in names}


def _told(found: list[Mutant], answers: Iterator[bool]) -> Iterator[str]:
    """The names of survivors, told as soon as they are known."""
    known = explained()
    for number, (mutant, survived) in enumerate(zip(found, answers, strict=True), 1):
        if sys.stderr.isatty():
            print(f"{number}/{len(found)}", end="\r", file=sys.stderr, flush=True)
        if survived:
            print(f"survives  {mutant.name}" + (f"\n          {known[mutant.name]}" if mutant.name in known else ""), flush=True)
            yield mutant.name


def main() -> int:
    """Run all, tell what survived."""
    parser = argparse.ArgumentParser()
    parser.add_argument("alerts", nargs="*")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    found = all_mutants(arguments.alerts)
    with ProcessPoolExecutor(arguments.processes) as pool:
        survivors = list(_told(found, iter(pool.map(survives, found))))
    known, share = explained(), 1 - len(survivors) / len(found)
    print(f"{len(found)} mutants, {len(found) - len(survivors)} noticed ({share:.1%}), {len(set(survivors) - set(known))} unexplained")
    return int(share < WANTED or bool(set(survivors) - set(known)))


if __name__ == "__main__":
    sys.exit(main())
