"""Measures and prints the table; see the package's docstring."""

import argparse
import sys
from statistics import median

from benchmarks.synth.measure import Run, measure, missing
from blueprint.node import use_our_node

GOAL_RATIO = 1.5
GOAL_SECONDS_EACH = 0.060
PREBUILT = "cdktf_cdktf_provider_azurerm"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synth", description="Synthesis beside an app that does nothing.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--environment", default="eu-prod")
    parser.add_argument("--many", type=int, default=100)
    parser.add_argument("--prebuilt", metavar="PYTHON", default=sys.executable, help=f"an interpreter that has {PREBUILT}")
    options = parser.parse_args()
    use_our_node()
    apps = {"floor": 0, "one": 1, "many": options.many}
    if reason := missing(PREBUILT, options.prebuilt):
        print(f"without the row of the prebuilt bindings: {reason} (--prebuilt names another interpreter)")
    else:
        apps["prebuilt"] = 1
    runs: dict[str, list[Run]] = {name: [] for name in apps}
    for name, count in [*apps.items()] * options.rounds:
        python = options.prebuilt if name == "prebuilt" else sys.executable
        runs[name].append(measure(name, options.environment, count, python))
    report(runs, options.environment, options.many)


def report(runs: dict[str, list[Run]], environment: str, many: int) -> None:
    """The table, the two ratios, and whether they are within the goals."""
    labels = {
        "floor": "nothing (jsii and Node)",
        "one": f"1 × {environment}",
        "many": f"{many} × {environment}",
        "prebuilt": "1 resource, prebuilt",
    }
    seconds = {name: median(run.seconds for run in each) for name, each in runs.items()}
    print(f"{'':<26}{'wall':>9}{'fastest':>9}{'peak':>10}")
    for name, each in runs.items():
        peak = median(run.peak_mib for run in each)
        print(f"{labels[name]:<26}{seconds[name]:>7.2f} s{min(run.seconds for run in each):>7.2f} s{peak:>6.0f} MiB")
    ratio, further = seconds["one"] / seconds["floor"], (seconds["many"] - seconds["one"]) / (many - 1)
    print(f"one environment: {ratio:.2f} × the floor (goal {GOAL_RATIO}: {_met(ratio, GOAL_RATIO)})")
    print(f"each further one: {further * 1000:.0f} ms (goal {GOAL_SECONDS_EACH * 1000:.0f}: {_met(further, GOAL_SECONDS_EACH)})")


def _met(value: float, goal: float) -> str:
    return "met" if value <= goal else "missed"


if __name__ == "__main__":
    main()
