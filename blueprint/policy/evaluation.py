"""Runs rules over facts. Whatever happens inside a rule, it is heard: an exception is that rule's failure."""

from collections.abc import Iterable, Sequence
from functools import cache

from blueprint.facts import Facts, Resource
from blueprint.facts.lazy import no_collection
from blueprint.policy.report import Census, Result, result, unread
from blueprint.policy.rule import Rule
from blueprint.policy.scope import Scope
from blueprint.policy.verdict import Verdict, fails


def judge(facts: Facts, scope: Scope, rules: Sequence[Rule]) -> tuple[list[Result], Census]:
    """Every rule over every resource it concerns, and which resources nobody has an answer for."""

    @cache
    def concerned(type: str) -> list[Rule]:
        return [rule for rule in rules if rule.concerns(type)]

    results = [unread(problem, facts.name) for problem in facts.problems]
    unchecked, regulated = [], scope.regulated
    with no_collection():
        for resource in facts.resources:
            before = len(results)
            for rule in concerned(resource.type):
                results += [result(rule, verdict, facts.name, regulated) for verdict in _ask(rule, resource, scope)]
            if len(results) == before:
                unchecked.append(resource.address)
    return results, Census(len(facts.resources), len(facts.resources) - len(unchecked), tuple(unchecked))


def _ask(rule: Rule, resource: Resource, scope: Scope) -> list[Verdict]:
    found: list[Verdict] = []
    try:
        found.extend(rule.check(resource, scope))  # what it says before it breaks stays
    except Exception as error:
        why = f"rule {rule.id} broke on this resource: {type(error).__name__}: {error}"
        found.append(fails(resource, "", "", why, next="please report it; what a rule cannot look at is not passed"))
    return found


def total(censuses: Iterable[Census]) -> Census:
    """One census of several stacks."""
    found = list(censuses)
    unchecked = tuple(address for census in found for address in census.unchecked)
    return Census(sum(census.resources for census in found), sum(census.checked for census in found), unchecked)
