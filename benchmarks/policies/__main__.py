"""Measures and prints the table; see the package's docstring."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.policies.plans import plan
from benchmarks.synth.measure import ROOT
from blueprint.node import use_our_node
from blueprint.policy.checkov import run
from blueprint.policy.declared import Options

GOAL_RATIO = 1.3
GOAL_SECONDS = 0.150
GOAL_PLAN_SECONDS = 2.0
SIZES = (2_500, 5_000, 10_000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.policies", description="Policies beside checkov's import, and alone.")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    use_our_node()
    with tempfile.TemporaryDirectory() as folder:
        outdir = Path(folder, "cdktf.out")
        synthesize = [sys.executable, "main.py"]
        subprocess.run(synthesize, cwd=ROOT, env={"PATH": "/usr/bin:/bin", "CDKTF_OUTDIR": str(outdir)}, check=True, capture_output=True)
        _beside_checkov(outdir, rounds)
        _alone(outdir, rounds)
        _plans(Path(folder), rounds)


def _beside_checkov(outdir: Path, rounds: int) -> None:
    times: dict[str, list[float]] = {"import": [], "check": []}
    for _ in range(rounds):
        times["import"].append(_timed(lambda: subprocess.run([sys.executable, "-c", "import checkov.main"], check=True)))
        times["check"].append(_timed(lambda: run(outdir, outdir.parent, Options())))
    imported, checked = median(times["import"]), median(times["check"])
    print(f"checkov's import          {imported:>7.2f} s")
    print(f"all environments, checkov {checked:>7.2f} s   {checked / imported:.2f} × its import ({_met(checked / imported, GOAL_RATIO)})")


def _alone(outdir: Path, rounds: int) -> None:
    times = [_measured(outdir) for _ in range(rounds)]
    reading, both = (median(one["read"] for one in times), median(one["read"] + one["judge"] for one in times))
    print(f"all environments, read    {reading * 1000:>6.0f} ms")
    print(f"all environments, judged  {both * 1000:>6.0f} ms   reading included ({_met(both, GOAL_SECONDS)})")


def _plans(folder: Path, rounds: int) -> None:
    for size in SIZES:
        file = folder / f"{size}.json"
        file.write_text(json.dumps(plan(size)))
        seconds = median(sum(_measured(file).values()) for _ in range(min(rounds, 3)))
        goal = f" ({_met(seconds, GOAL_PLAN_SECONDS)})" if size == SIZES[-1] else ""
        print(f"plan of {size:>6} resources  {seconds:>7.2f} s   {seconds / size * 1e6:.0f} µs each{goal}")


def _measured(path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.policies.alone", str(path)]
    found: dict[str, float] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    return found


def _timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _met(value: float, goal: float) -> str:
    return f"goal {goal:g}: {'met' if value <= goal else 'missed'}"


if __name__ == "__main__":
    main()
