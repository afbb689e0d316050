"""Measures and prints the table; see the package's docstring."""

import argparse
import tempfile
from pathlib import Path

import pytest

from benchmarks.rules.measure import GOAL, Cost, measure
from benchmarks.rules.series import PER_REQUEST, unbounded


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rules", description="What evaluating all rules costs.")
    parser.add_argument("--pods", type=int, default=1000)
    parser.add_argument("--models", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=6, help="longer than the slowest group's interval")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            report(*measure(Path(folder), options.models, options.pods // options.models, 60 * options.minutes))
    except (pytest.skip.Exception, pytest.fail.Exception) as reason:
        raise SystemExit(str(reason)) from None
    bounded()


def report(costs: list[Cost], series: int) -> None:
    """Per group: how long one evaluation took at most, and the share of its interval."""
    print(f"\n{series:,} series\n\n{'group':<34}{'rules':>6}{'every s':>9}{'median s':>10}{'slowest s':>11}{'of interval':>13}")
    for cost in sorted(costs, key=lambda cost: -cost.share):
        print(f"{cost.group:<34}{cost.rules:>6}{cost.interval:>9.0f}{cost.median:>10.3f}{cost.slowest:>11.3f}{cost.share:>13.1%}")
    busy = sum(cost.median / cost.interval for cost in costs)
    worst = max(cost.share for cost in costs)
    print(f"\nall groups together keep {busy:.2f} cores busy; the slowest takes {worst:.1%} of its interval ({_met(worst)})")


def bounded() -> None:
    """Which rules make series per something without a bound."""
    found = list(unbounded())
    print(f"rules that keep a label there may be any number of ({', '.join(sorted(PER_REQUEST))}): {', '.join(found) or 'none'}")


def _met(share: float) -> str:
    return f"goal {GOAL:.0%}: {'met' if share < GOAL else 'missed'}"


if __name__ == "__main__":
    main()
