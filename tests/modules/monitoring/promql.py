"""Questions to an expression: is anything wrong with it, what does it read, what is its result labelled by and of which type."""

from collections.abc import Mapping
from typing import Literal

import promql_parser as promql

from modules.monitoring.metrics import Series
from tests.modules.monitoring.labels import Check, Labels

WHAT_GRAFANA_FILLS_IN = {"$__rate_interval": "5m", "$__interval": "1m", "$__range_s": "3600", "$__range": "1h"}


def filled(expression: str) -> str:
    """With Grafana's own variables filled in; those of a dashboard stand in strings and may stay."""
    for variable, value in WHAT_GRAFANA_FILLS_IN.items():
        expression = expression.replace(variable, value)
    return expression


def parses(expression: str) -> bool:
    try:
        promql.parse(filled(expression))
    except ValueError:
        return False
    return True


def check(expression: str, known: Mapping[str, Series]) -> list[str]:
    """What is wrong with an expression; empty if nothing is."""
    try:
        node = promql.parse(filled(expression))
    except ValueError as error:
        return [f"does not parse: {error}"]
    if unknown := sorted(names(expression) - known.keys()):
        return [f"no exporter and no recording has {name}" for name in unknown]
    found = Check(known)
    found.labels(node)
    return list(dict.fromkeys(found.problems))


def result_labels(expression: str, known: Mapping[str, Series]) -> Labels:
    """The labels a recording's series can have."""
    return Check(known).labels(promql.parse(filled(expression))) or frozenset()


def type_of(expression: str, known: Mapping[str, Series]) -> Literal["counter", "gauge"]:
    """A counter or the largest of some is a counter, everything else a gauge."""
    node = promql.parse(filled(expression))
    if isinstance(node, promql.AggregateExpr) and str(node.op) == "max":
        node = node.expr
    read = known.get(node.name or "") if isinstance(node, promql.VectorSelector) else None
    return read.type if read else "gauge"


def names(expression: str) -> set[str]:
    """Every series an expression selects."""
    found: set[str] = set()

    def visit(node: promql.Expr) -> None:
        selector = node.vector_selector if isinstance(node, promql.MatrixSelector) else node
        if isinstance(selector, promql.VectorSelector) and selector.name:
            found.add(selector.name)

    promql.walk(promql.parse(filled(expression)), lambda node: visit(node))
    return found
