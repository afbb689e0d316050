"""Writes docs/reference/alerts.md: every alert, objective, setting and recording.

python -m blueprint.monitoring.reference
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from blueprint.monitoring import objectives
from blueprint.monitoring.listing import Figure, Line, figures, lines
from blueprint.monitoring.reading import Rules, load
from blueprint.monitoring.settings import shown

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "alerts.md"
HEAD = """# Alerts

Written by `python -m blueprint.monitoring.reference` from `modules/monitoring/`. `blueprint alerts ENV` lists them with the figures of an
environment. A page gets somebody up, a ticket is looked at tomorrow. "000" is the article *Running LLM Inference: How To
Evaluate Self-Hosted vs. Cloud in a Regulated Environment*, the words after it its section.
"""


def render(rules: Rules) -> str:
    """The page's text."""
    parts = [HEAD, *_alerts(lines(rules)), *_objectives(rules), *_settings(rules), *_recordings(rules)]
    return "\n".join(parts) + "\n"


def _alerts(found: list[Line]) -> Iterator[str]:
    for group, members in groupby(found, key=lambda line: line.group):
        yield from (f"## {group}", "", "| alert | tells | after | figures | source |", "|---|---|---|---|---|")
        for line in members:
            named = f"[{line.name}](../runbooks/{line.name}.md)" + (", per model" if line.per else "")
            told = _cell("; ".join(str(figure) for figure in line.figures))
            yield f"| {named} | {line.severity} | {line.after if line.after != '0s' else 'at once'} | {told} | {_cell(line.source)} |"
        yield ""


def _objectives(rules: Rules) -> Iterator[str]:
    yield "## Objectives\n"
    yield f"Over {objectives.PERIOD.removesuffix('d')} days; [ErrorBudgetBurnsFast](../runbooks/ErrorBudgetBurnsFast.md) and"
    yield "[ErrorBudgetBurnsSlowly](../runbooks/ErrorBudgetBurnsSlowly.md) tell when one is missed too often. An objective is above"
    yield f"{objectives.lowest():.1f} %, or the fastest burn could not happen.\n"
    yield from ("| `slo` | what | promise | source |", "|---|---|---|---|")
    for one in rules.objectives.values():
        promise = f"{shown(one.objective.value)} {one.objective.unit}"
        limits = "".join(f", {figure}" for figure in figures(one.parameters))
        yield f"| `{one.name}` | {_cell(one.what)} | {promise}{limits} | {_cell(one.source)} |"


def _settings(rules: Rules) -> Iterator[str]:
    yield "\n## Settings\n"
    yield "What an environment file may say otherwise. A figure marked with a histogram is one of its bucket edges; the engine's own"
    yield "histograms are given the edge, which rolls the pods.\n"
    yield from ("| setting | default | read by |", "|---|---|---|")
    read: dict[str, list[tuple[str, Figure, str]]] = {}
    for file, parameter in rules.parameters():
        for figure in figures({"": parameter}) if parameter.setting else ():
            read.setdefault(figure.setting, []).append((file, figure, parameter.histogram or ""))
    for setting, uses in sorted(read.items()):
        _, figure, histogram = uses[0]
        of = f", edge of `{histogram}`" if histogram else ""
        yield f"| `{setting}` | {figure.value} {figure.unit}{of} | {', '.join(dict.fromkeys(file for file, _, _ in uses))} |"


def _recordings(rules: Rules) -> Iterator[str]:
    yield "\n## Recordings\n"
    yield "Series that alerts, dashboards and runbooks read in place of raw ones.\n"
    yield from ("| series | what | unit |", "|---|---|---|")
    for group in rules.recordings.values():
        for one in group.rules:
            labels = ",".join(f'{name}="{value}"' for name, value in one.labels.items() if "$" not in value)
            yield f"| `{one.record}{f'{{{labels}}}' if labels else ''}` | {_cell(one.what)} | {_cell(one.unit)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render(load()), encoding="utf-8")
    print(f"wrote {PAGE.name}")
