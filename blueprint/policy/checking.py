"""From a path to a report: read, judge, waive."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from blueprint.errors import BlueprintError
from blueprint.facts import Facts
from blueprint.facts.lazy import no_collection
from blueprint.facts.reading import read
from blueprint.policy import pipeline
from blueprint.policy.declared import Options, scope_of, weaker
from blueprint.policy.evaluation import judge, total
from blueprint.policy.registry import rules as all_rules
from blueprint.policy.report import Census, Report, Result, Waived
from blueprint.policy.rule import Rule
from blueprint.policy.scope import CLASSES, Scope


def check(
    path: Path,
    options: Options,
    plan: Path | None = None,
    waived: Path | None = None,
    environment: Mapping[str, str] | None = None,
    rules: Sequence[Rule] = (),
) -> Report:
    """Judge everything at a path: a `cdktf.out`, a stack directory, a plan, a directory of manifests; and the `environment` of the
    pipeline, if it is given, by the strictest of the scopes.

    Raises:
        BlueprintError: there is nothing at the path, or nobody says in which zone.
    """
    if not path.exists():
        raise BlueprintError(f"there is nothing at {path}", "synthesize first: cdktf synth, or python main.py")
    with no_collection():
        stacks = read(path, plan)
        judged = [(facts, scope_of(facts, options)) for facts in stacks]
        variables = environment if environment is not None else pipeline.beside(path)
        around = (pipeline.around(path), None if variables is None else pipeline.facts(variables))
        strictest = max((scope for _, scope in judged), key=lambda scope: CLASSES.index(scope.data_class))
        judged += [(facts, strictest) for facts in around if facts is not None]
        return _report(judged, [note for facts in stacks for note in weaker(facts, options)], waived, rules or all_rules())


def _report(judged: Sequence[tuple[Facts, Scope]], notes: Sequence[str], waived: Path | None, rules: Sequence[Rule]) -> Report:
    results: list[Result] = []
    censuses: list[Census] = []
    for facts, scope in judged:
        found, census = judge(facts, scope, rules)
        results += found
        censuses.append(census)
    left, accepted = _apart(waived, results) if waived else (results, [])
    scopes = {facts.name: f"{scope.zone}, {scope.data_class}" for facts, scope in judged}
    return Report(left, total(censuses), accepted, notes, scopes, rules)


def _apart(waived: Path, results: Sequence[Result]) -> tuple[list[Result], list[Waived]]:
    from blueprint.policy import waivers  # reads YAML with its line numbers, which takes longer to import than a stack to judge

    return waivers.apply(waivers.load(waived), results)
