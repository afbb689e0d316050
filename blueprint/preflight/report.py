"""How a preflight is told, and how its answers are kept as evidence.

Evidence is one new file per run: every command, when it was asked, the answer word for word with its SHA-256. It names
subscriptions, people and quotas: keep it where the environment's own evidence is kept.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from blueprint.environment import Environment
from blueprint.errors import BlueprintError
from blueprint.preflight.check import Layer, Result, Status
from blueprint.preflight.preflight import preflight

COLOURS: dict[Status, str] = {"ok": "green", "failed": "red", "not-run": "yellow"}


def layer(name: str | None) -> Layer:
    """The layer that $BLUEPRINT_LAYER names, as `main.py` reads it."""
    return "foundation" if name == "foundation" else "platform"


def tell(env: Environment, *, layer: Layer, evidence: Path | None) -> bool:
    """Run a preflight before a person's eyes; whether every check is ok."""
    console = Console(highlight=False)
    results = list(_shown(preflight(env, layer), console))
    counts = Counter(result.status for result in results)
    console.print("\n" + ", ".join(f"{counts[status]} {status}" for status in COLOURS if counts[status]))
    if evidence:
        file, digest = keep(env, results, evidence)
        console.print(f"evidence {file}\n  sha256:{digest}", soft_wrap=True)
    return counts["ok"] == len(results)


def _shown(results: Iterable[Result], console: Console) -> Iterator[Result]:
    """Each result printed as it comes, with all that is needed to act on it unless it is fine."""
    with console.status("asking …"):
        for result in results:
            for line in _lines(result):
                console.print(line, soft_wrap=True)
            yield result


def _lines(result: Result) -> Iterator[Text]:
    yield Text.assemble((f"  {result.status:<8} ", COLOURS[result.status]), f"{result.name}: {result.found}")
    if result.status != "ok":
        hints = (("why", result.reason), ("run", result.command), ("next", result.next))
        yield from (Text(f"             {label}: {text}") for label, text in hints if text)


def as_data(env: Environment, *, layer: Layer, evidence: Path | None) -> dict[str, Any]:
    """Run a preflight silently; answers are left to the evidence."""
    results = list(preflight(env, layer))
    kept = keep(env, results, evidence) if evidence else None
    checks = [{key: value for key, value in asdict(result).items() if key != "answer"} for result in results]
    return {
        "environment": env.name,
        "ok": all(result.status == "ok" for result in results),
        "checks": checks,
        "evidence": {"file": str(kept[0]), "sha256": kept[1]} if kept else None,
    }


def keep(env: Environment, results: list[Result], folder: Path) -> tuple[Path, str]:
    """Write the evidence into a new file; returns it with its SHA-256.

    Raises:
        BlueprintError: the folder cannot be written, or the file is there already.
    """
    now = datetime.now(UTC)
    answers = [asdict(result) | {"answer_sha256": hashlib.sha256(result.answer.encode()).hexdigest()} for result in results]
    what = {"kind": "preflight", "environment": env.name, "target": env.cluster.target, "region": env.cluster.region}
    text = json.dumps({**what, "at": now.isoformat(), "checks": answers}, indent=2, ensure_ascii=False) + "\n"
    file = folder / f"preflight-{env.name}-{now:%Y%m%dT%H%M%S%f}Z.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except OSError as error:
        raise BlueprintError(f"--evidence: {file} cannot be written: {error.strerror}", "name a folder you may write to") from None
    return file, hashlib.sha256(text.encode()).hexdigest()
