"""A failed check stops the pipeline.

A gate that may fail is none: with `allow_failure`, `continue-on-error` or `|| true` the finding is written down, the pipeline goes on,
and what it refused is applied. Which commands are gates, and how pipelines are told to go on, stands in
catalog/residency/pipelines.yaml.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from blueprint.facts import Resource
from blueprint.facts.pipelines import COMMENT, CONTINUED
from blueprint.policy import Scope, Verdict, fails, passes, rule
from blueprint.residency_catalog import table

WHY = "the pipeline goes on when the check fails, and what it refused is applied"
ALLOWED, NEXT = "a job that fails when the check does", "let the job fail; what must pass is waived by name (--waivers)"


@rule(
    "R62",
    "a failed check stops the pipeline",
    looks_at=["pipeline"],
    basis="Art. 32 GDPR; Art. 9(4)(e) DORA",
    controls=["C5:2020 DEV-03", "ISO 27001:2022 8.32", "NIST 800-53r5 CM-3"],
)
def check(pipeline: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every command that judges, with the blocks it stands in and what stands behind it."""
    known, text = table("residency/pipelines.yaml"), str(pipeline.written["text"])
    found: list[Verdict] = []
    if re.search(known["gates"], text):
        found += [*_told_to_go_on(pipeline, known), *_swallowed(pipeline, known, text)]
    yield from found or [passes(pipeline)]


def _told_to_go_on(pipeline: Resource, known: Mapping[str, Any]) -> Iterator[Verdict]:
    """Keys of a job or step around a gate that let it fail."""
    heedless = re.compile(known["unheeded"])
    for path, above in dict(_gates(pipeline.attributes, re.compile(known["gates"]))).items():
        for key, value in (item for block in above for item in _settings(block, pipeline.attributes)):
            if heedless.fullmatch(said := f"{key}={value}"):
                yield fails(pipeline, path, said, WHY, ALLOWED, NEXT)


def _gates(data: Any, gates: re.Pattern[str], path: str = "", above: tuple[Any, ...] = ()) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Path of every gate among the commands, and the blocks it stands in."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _gates(value, gates, f"{path}.{key}" if path else str(key), (*above, data))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _gates(item, gates, f"{path}[{index}]", above)
    elif isinstance(data, str) and gates.search(data):
        yield path, above


def _settings(block: Mapping[str, Any], pipeline: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a block says of itself, in small letters and one level deep, and what the jobs it extends say."""
    extended = block.get("extends")
    for name in extended if isinstance(extended, list) else [extended]:
        if isinstance(parent := pipeline.get(str(name)), Mapping):
            yield from _settings({key: value for key, value in parent.items() if key != "extends" and key not in block}, pipeline)
    for key, value in block.items():
        for inner, item in value.items() if isinstance(value, Mapping) else [("", value)]:
            for one in item if isinstance(item, list) else [item]:
                yield (f"{key}.{inner}" if inner else str(key)), str(one).lower()


def _swallowed(pipeline: Resource, known: Mapping[str, Any], text: str) -> Iterator[Verdict]:
    """Commands behind a gate that succeed whatever it says."""
    script = CONTINUED.sub(" ", COMMENT.sub("", text))
    for found in re.finditer(rf"(?:{known['gates']})[^\n]*?(?:\n\s*)?(?P<rest>\|\|[^\n]*|;\s*(?:true|exit\s+0)\b)", script):
        if not re.search(known["stops"], found["rest"]):
            yield fails(pipeline, "", found["rest"].strip(), WHY, ALLOWED, NEXT)
