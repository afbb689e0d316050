"""Measures and prints the table; see the package's docstring."""

import argparse
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

DEMAND = ("--demand", "demand/eu-prod.yaml")
ANSWER, REPORT = 0.300, 2.0


@dataclass(frozen=True)
class Run:
    """A process to measure; `goal` in seconds, None for a floor."""

    name: str
    arguments: tuple[str, ...]
    goal: float | None = None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decision", description="Answers, with interpreter start.")
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    with TemporaryDirectory() as folder:
        runs = commands(Path(folder) / "report.html")
        for run in runs:
            seconds(run)  # writes the byte code
        measured = [[seconds(run) for run in runs] for _ in range(rounds)]
    print(f"{'':<22}{'median':>10}{'fastest':>10}{'processor':>11}")
    for run, times in zip(runs, zip(*measured, strict=True), strict=True):
        walls, fastest = [wall for wall, _ in times], min(wall for wall, _ in times)
        goal = f"   goal {run.goal * 1000:,.0f} ms: {'met' if fastest <= run.goal else 'missed'}" if run.goal else ""
        figures = (median(walls), fastest, min(processor for _, processor in times))
        print(f"{run.name:<22}{figures[0] * 1000:>7,.0f} ms{figures[1] * 1000:>7,.0f} ms{figures[2] * 1000:>8,.0f} ms{goal}")


def commands(report: Path) -> list[Run]:
    """Two floors, every answer, the report."""

    def blueprint(*arguments: str, goal: float = ANSWER) -> Run:
        return Run(" ".join(arguments[:2]), ("-m", "blueprint", *arguments), goal)

    return [
        Run("python", ("-c", "pass")),
        Run("its libraries alone", ("-c", "import typer, typer._adapters, pydantic.main, yaml")),
        blueprint("size", "eu-prod"),
        blueprint("capacity", "eu-prod", *DEMAND),
        blueprint("cost", "eu-prod", *DEMAND),
        blueprint("cost", *DEMAND),
        blueprint("cost", "claims"),
        blueprint("recommend", "eu-prod", *DEMAND),
        blueprint("report", "eu-prod", *DEMAND, "-o", str(report), goal=REPORT),
    ]


def seconds(run: Run) -> tuple[float, float]:
    """Wall and processor time of one process that may keep its byte code. Findings (exit code 1) are answers too."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, begun = used(), time.perf_counter()
    done = subprocess.run([sys.executable, *run.arguments], check=False, stdout=subprocess.DEVNULL, env=environment)
    taken = time.perf_counter() - begun
    if done.returncode not in (0, 1):
        raise SystemExit(f"{run.name} failed; see above")
    return taken, used() - before


def used() -> float:
    """Seconds of processor time that all ended children took."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
