"""Measures and prints the table; see the package's docstring."""

import argparse
import subprocess
import sys
import time
from statistics import median

GOAL_SECONDS = 0.300
COMMANDS = {
    "python": ("-c", "pass"),
    "size eu-prod": ("-m", "blueprint", "size", "eu-prod"),
    "cost eu-prod": ("-m", "blueprint", "cost", "eu-prod"),
    "cost --demand": ("-m", "blueprint", "cost", "--demand", "demand/eu-prod.yaml"),
    "cost claims": ("-m", "blueprint", "cost", "claims"),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decision", description="Answers, with interpreter start.")
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    print(f"{'':<16}{'median':>9}{'fastest':>9}   goal {GOAL_SECONDS * 1000:.0f} ms")
    for name, arguments in COMMANDS.items():
        runs = [seconds(arguments) for _ in range(rounds)]
        print(f"{name:<16}{median(runs) * 1000:>6.0f} ms{min(runs) * 1000:>6.0f} ms   {'met' if min(runs) <= GOAL_SECONDS else 'missed'}")


def seconds(arguments: tuple[str, ...]) -> float:
    """Wall time of one process."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
