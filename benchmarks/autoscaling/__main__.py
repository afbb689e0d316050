"""Measures and prints the table; see the package's docstring."""

import argparse
import tempfile
from pathlib import Path
from statistics import median

import pytest

from benchmarks.autoscaling.measure import Run, measure
from tests.e2e.autoscaling.loop import closed_loop

STAGES = {
    "prometheus": "Prometheus has seen it",
    "keda": "KEDA serves the metric",
    "hpa": "the HPA wants a replica",
    "running": "the pod is Running",
    "answers": "the replica answers",
}
GOAL_SECONDS = 45  # window 0 + polling interval 30 + 15
USERS = 40


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.autoscaling", description="A burst, until a second replica answers.")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    try:
        report(runs(options.runs))
    except (pytest.skip.Exception, pytest.fail.Exception) as reason:
        raise SystemExit(str(reason)) from None


def runs(count: int) -> list[Run]:
    """One control plane, a fresh deployment per run."""
    done = []
    with tempfile.TemporaryDirectory() as folder, closed_loop(Path(folder)) as loop:
        for number in range(1, count + 1):
            done.append(measure(loop, f"analysis-{number}", USERS))
            print(f"run {number} of {count}: {done[-1].answers:.1f} s", flush=True)
    return done


def report(done: list[Run]) -> None:
    """Since the burst began, and what each stage adds."""
    print(f"\n{'seconds since the burst':<26}{'median':>8}{'fastest':>9}{'slowest':>9}{'stage alone':>13}")
    before = [0.0] * len(done)
    for stage, label in STAGES.items():
        ends = [float(getattr(run, stage)) for run in done]
        alone = median(end - start for end, start in zip(ends, before, strict=True))
        print(f"{label:<26}{median(ends):>8.1f}{min(ends):>9.1f}{max(ends):>9.1f}{alone:>13.1f}")
        before = ends
    slowest = max(run.hpa for run in done)
    print(f"decided within {slowest:.1f} s (goal {GOAL_SECONDS}: {'met' if slowest <= GOAL_SECONDS else 'missed'})")


if __name__ == "__main__":
    main()
