"""Scores and prints; see the package's docstring."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.sizing import oracle, rows
from benchmarks.sizing.planners import PLANNERS
from benchmarks.sizing.rows import OURS, Score
from blueprint.errors import BlueprintError

HERE = Path(__file__).parent
LARGE_POOL_GIB = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sizing", description="Sizing against real vLLM servers and other tools.")
    parser.add_argument("--rows", type=Path, metavar="FILE", help="start-up logs, columns as in benchmarks/sizing/vllm_kv_logs.csv")
    parser.add_argument("--oracle", type=Path, metavar="FILE", help="layouts, keys as in benchmarks/sizing/vllm_kv_layouts.json")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options = parser.parse_args()
    both = options.rows is None and options.oracle is None
    try:
        scores = rows.score(options.rows or HERE / "vllm_kv_logs.csv") if options.rows or both else []
        vectors = oracle.score(options.oracle or HERE / "vllm_kv_layouts.json") if options.oracle or both else []
    except BlueprintError as error:
        print(error, *([f"    next: {error.next_step}"] if error.next_step else []), sep="\n", file=sys.stderr)
        return 2
    if options.format == "json":
        print(json.dumps(as_json(scores, vectors), indent=2, ensure_ascii=False))
        return 0
    for text in (*map(_line, scores), *_summary_lines(scores), *map(_vector_line, vectors), *_vector_summary(vectors)):
        print(text)
    return 0


def as_json(scores: Sequence[Score], vectors: Sequence[oracle.Vector]) -> dict[str, Any]:
    """Rows, vectors and the summary of both."""
    lines = [{**asdict(each), "tokens_error": each.tokens_error, "pool_error": each.pool_error(OURS)} for each in scores]
    layouts = [{**asdict(vector), "equal": vector.equal} for vector in vectors]
    return {"rows": lines, "oracle": layouts, "summary": {**summary(scores), "oracle_equal": sum(vector.equal for vector in vectors)}}


def summary(scores: Sequence[Score]) -> dict[str, Any]:
    """The figures of the goals: tokens within rounding, errors of the pool by estimator, verdicts."""
    judged = [each for each in scores if each.verdict and each.started is not None]
    return {
        "rows": len(scores),
        "tokens": _tokens([each for each in scores if each.plain]),
        "tokens_of_hybrids": _tokens([each for each in scores if not each.plain]),
        "pools": {planner: _pools(scores, planner) for planner in (OURS, *PLANNERS)},
        "verdicts": {
            "n": len(judged),
            "refused": sum(each.started is False for each in judged),
            "false_fits": [each.id for each in judged if each.false_fit],
            "false_refusals": [each.id for each in judged if each.verdict == "does-not-fit" and each.started],
        },
    }


def _tokens(scores: Sequence[Score]) -> dict[str, Any]:
    errors = [(abs(error), each.tolerance) for each in scores if (error := each.tokens_error) is not None]
    within = sum(error <= most for error, most in errors)
    return {"n": len(errors), "median": _median([error for error, _ in errors]), "within": within}


def _pools(scores: Sequence[Score], planner: str) -> dict[str, Any]:
    """Text models apart from those with images, whose warm-up depends on the images allowed."""
    found = [(error, each) for each in scores if (error := each.pool_error(planner)) is not None]
    text = [error for error, each in found if not each.multimodal]
    large = [error for error, each in found if not each.multimodal and (each.logged_pool or 0) >= LARGE_POOL_GIB]
    gib = sorted(abs(each.pools[planner] - (each.logged_pool or 0)) for _, each in found)
    return {
        "n": len(found),
        "median": _median([abs(error) for error, _ in found]),
        "within_10_percent": sum(abs(error) <= 0.1 for error, _ in found),
        "n_text": len(text),
        "median_text": _median([abs(error) for error in text]),
        "n_large": len(large),
        "large_within_10_percent": sum(abs(error) <= 0.1 for error in large),
        "gib_90th_percentile": gib[int(0.9 * (len(gib) - 1))] if gib else None,
    }


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _line(each: Score) -> str:
    tokens = pool = "-"
    if each.tokens is not None:
        tokens = f"{each.tokens:,} of {each.logged_tokens:,} {_percent(each.tokens_error)}"
    if each.pools:
        pool = f"{each.pools[OURS]:.2f} of {each.logged_pool:.2f} GiB {_percent(each.pool_error(OURS))}"
    said = (each.verdict, "(refused)" if each.started is False else "", "FALSE FIT" if each.false_fit else "", each.note)
    return f"{each.id:<11}{each.model[-34:]:<36}{tokens:>33}{pool:>31}  {' '.join(filter(None, said))}".rstrip()


def _percent(value: float | None) -> str:
    return "       -" if value is None else f"{100 * value:>+7.2f}%"


def _summary_lines(scores: Sequence[Score]) -> list[str]:
    if not scores:
        return []
    found = summary(scores)
    tokens, hybrids, verdicts = found["tokens"], found["tokens_of_hybrids"], found["verdicts"]
    lines = [
        "",
        f"tokens from given memory: {tokens['within']} of {tokens['n']} within max(0.3 %, rounding),"
        f" median {100 * (tokens['median'] or 0):.3f} %; hybrid models: {hybrids['within']} of {hybrids['n']}",
        f"{'KV pool end to end':<22}{'n':>4}{'median':>9}{'in 10 %':>9}{'text: median':>14}{'>= 10 GiB in 10 %':>19}{'90th pct':>12}",
    ]
    for planner, pool in found["pools"].items():
        if pool["n"]:
            large = f"{pool['large_within_10_percent']} of {pool['n_large']}"
            lines.append(
                f"{planner:<22}{pool['n']:>4}{100 * pool['median']:>7.1f} %{pool['within_10_percent']:>9}"
                f"{100 * (pool['median_text'] or 0):>12.1f} %{large:>19}{pool['gib_90th_percentile']:>8.2f} GiB"
            )
    false = f"{len(verdicts['false_fits'])} false fits, {len(verdicts['false_refusals'])} false refusals"
    return [*lines, f"verdicts: {verdicts['n']} servers, {verdicts['refused']} refused; {false}"]


def _vector_line(vector: oracle.Vector) -> str:
    if vector.equal:
        return f"equal    {vector.name}"
    return f"DIFFERS  {vector.name}: {vector.ours or 'the model is not in the catalogue'}, vLLM has {vector.expected}"


def _vector_summary(vectors: Sequence[oracle.Vector]) -> list[str]:
    return [f"layouts: {sum(vector.equal for vector in vectors)} of {len(vectors)} equal to vLLM's own code"] if vectors else []


if __name__ == "__main__":
    sys.exit(main())
