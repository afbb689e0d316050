"""Scores and prints; see the package's docstring."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.throughput import rows
from benchmarks.throughput.interpolation import leave_one_out
from benchmarks.throughput.rows import Score
from blueprint.errors import BlueprintError

HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description="Throughput bands against measured rows.")
    parser.add_argument(
        "--rows",
        type=Path,
        default=HERE / "throughput.csv",
        metavar="FILE",
        help="measured rows, columns as in benchmarks/throughput/throughput.csv",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options = parser.parse_args()
    try:
        scores = rows.score(options.rows)
    except BlueprintError as error:
        print(error, *([f"    next: {error.next_step}"] if error.next_step else []), sep="\n", file=sys.stderr)
        return 2
    if options.format == "json":
        lines = [{**asdict(each), "inside": each.inside, "flagged": each.flagged} for each in scores]
        print(json.dumps({"rows": lines, "summary": summary(scores)}, indent=2, ensure_ascii=False))
        return 0
    for line in (*map(_line, scores), "", *_summary_lines(summary(scores))):
        print(line)
    return 0


def summary(scores: Sequence[Score]) -> dict[str, Any]:
    """Rows marked implausible count for the gate only."""
    plausible = [each for each in scores if not each.marked]
    marked = [each for each in scores if each.marked]
    kinds = sorted({each.kind for each in plausible})
    return {
        "rows": len(scores),
        "bands": {"all": _bands(plausible), **{kind: _bands([each for each in plausible if each.kind == kind]) for kind in kinds}},
        "no_band": _counts([each.why_not for each in plausible if each.why_not]),
        "interpolation": leave_one_out(plausible),
        "gate": {
            "marked": len(marked),
            "flagged": sum(each.flagged for each in marked),
            "impossible": sum(each.impossible for each in marked),
            "missed": [each.id for each in marked if not each.flagged],
            "plausible": len(plausible),
            "false_alarms": [each.id for each in plausible if each.flagged],
        },
    }


def _bands(scores: Sequence[Score]) -> dict[str, Any]:
    judged = [each for each in scores if each.inside is not None]
    widths = [each.high / each.low for each in judged if each.high and each.low]
    errors = [abs(each.expected / each.truth - 1) for each in judged if each.expected and each.truth]
    return {
        "n": len(judged),
        "inside": sum(bool(each.inside) for each in judged),
        "widest": max(widths, default=None),
        "median_error_of_middle": median(errors) if errors else None,
    }


def _counts(words: Sequence[str]) -> dict[str, int]:
    return {word: words.count(word) for word in sorted(set(words))}


def _line(each: Score) -> str:
    name = f"{each.id:<7}{each.model[-30:]:<32}{each.cards:>2} x {each.gpu[-28:]:<29}{each.kind:<12}"
    flags = "; ".join(each.findings)
    if each.low is None or each.high is None:
        return f"{name}{each.why_not}  {flags}".rstrip()
    inside = "inside " if each.inside else "outside"
    return f"{name}{each.truth or 0:>10,.0f} in {each.low:>8,.0f} to {each.high:>8,.0f} {each.unit:<13}{inside}  {flags}".rstrip()


def _summary_lines(found: dict[str, Any]) -> list[str]:
    lines = [f"{'bands':<14}{'rows':>6}{'inside':>8}{'':>8}{'widest':>8}{'middle, median error':>24}"]
    for kind, part in found["bands"].items():
        if part["n"]:
            share, middle = f"{100 * part['inside'] / part['n']:.1f} %", f"{100 * part['median_error_of_middle']:.0f} %"
            lines.append(f"{kind:<14}{part['n']:>6}{part['inside']:>8}{share:>8}{part['widest']:>8.2f}{middle:>24}")
    lines += [f"no band: {count} rows, {why}" for why, count in found["no_band"].items()]
    left_out = found["interpolation"]
    if left_out["n"]:
        spread = f"median error {100 * left_out['median']:.1f} %, 90th percentile {100 * left_out['p90']:.1f} %"
        lines.append(f"interpolation, one of {left_out['n']} points left out at a time: {spread}")
    gate = found["gate"]
    alarms = gate["false_alarms"]
    false = 100 * len(alarms) / gate["plausible"] if gate["plausible"] else 0.0
    missed = f" (missed: {', '.join(gate['missed'])})" if gate["missed"] else ""
    lines.append(f"gate: {gate['flagged']} of {gate['marked']} marked rows flagged, {gate['impossible']} as impossible{missed}")
    return [
        *lines,
        f"gate: {len(alarms)} of {gate['plausible']} other rows flagged, {false:.1f} %{': ' if alarms else ''}{', '.join(alarms)}",
    ]


if __name__ == "__main__":
    sys.exit(main())
