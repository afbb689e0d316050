"""Holds a PromQL expression against what is known of the series it reads: do names exist, do labels, does the function fit.

Nothing is evaluated. What an expression's result is labelled by follows from its operators, so that a recording's labels are
known to whoever reads the recording, and a vector match that can never match is seen.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import promql_parser as promql

from modules.monitoring.metrics import Series

Labels = frozenset[str]

COUNTERS_ONLY = {"rate", "irate", "increase", "resets"}
GAUGES_ONLY = {"deriv", "delta", "idelta", "predict_linear"}
NEEDS_BUCKETS = {"histogram_quantile": 1, "histogram_fraction": 2}
KEEP_LABELS = {"topk", "bottomk", "limitk", "limit_ratio"}
SETS = {"and", "or", "unless"}
VECTORS = (promql.ValueType.Vector, promql.ValueType.Matrix)


@dataclass
class Check:
    """One expression's findings, and the labels its result can have (None: a number)."""

    known: Mapping[str, Series]
    problems: list[str] = field(default_factory=list)

    def labels(self, node: promql.Expr) -> Labels | None:
        """Walks the expression from the leaves up."""
        match node:
            case promql.VectorSelector():
                return self._selector(node)
            case promql.MatrixSelector():
                return self._selector(node.vector_selector)
            case promql.AggregateExpr():
                return self._aggregation(node)
            case promql.BinaryExpr():
                return self._match(node)
            case promql.Call():
                return self._call(node)
            case promql.ParenExpr() | promql.SubqueryExpr() | promql.UnaryExpr():
                return self.labels(node.expr)
        return None

    def _selector(self, node: promql.VectorSelector) -> Labels:
        series = self.known.get(node.name or "")
        if series is None:
            self.problems.append(f"no exporter and no recording has {node.name or 'a series without a name'}")
            return frozenset()
        for one in node.matchers.matchers:
            self._matcher(series, one)
        return frozenset(series.labels)

    def _matcher(self, series: Series, one: promql.Matcher) -> None:
        if one.name not in series.labels:
            self.problems.append(f"{series.name} has no label {one.name}, only {_listed(series.labels)}")
            return
        values = series.labels[one.name]
        absent_too = ("", *values)  # {label=""} selects what has no such label
        if values and "$" not in one.value and not any(_selects(one, value, series.bucket) for value in absent_too):
            what = "edge" if one.name == "le" else "value"
            self.problems.append(f"{series.name} has no {one.name} {one.value!r}; its {what}s are {', '.join(values)}")

    def _aggregation(self, node: promql.AggregateExpr) -> Labels:
        inner = self.labels(node.expr) or frozenset()
        if str(node.op) in KEEP_LABELS:
            return inner
        named = frozenset(node.modifier.labels) if node.modifier else frozenset()
        added = {str(node.param.val)} if str(node.op) == "count_values" and isinstance(node.param, promql.StringLiteral) else set()
        self._needs(named, inner, f"{node.op} names")
        if node.modifier and node.modifier.type == promql.AggModifierType.Without:
            return (inner - named) | added
        return (named & inner) | added

    def _match(self, node: promql.BinaryExpr) -> Labels | None:
        left, right = self.labels(node.lhs), self.labels(node.rhs)
        if left is None or right is None:
            return right if left is None else left
        matched = self._matched(node, left, right)
        if str(node.op) in SETS:
            return left | right if str(node.op) == "or" else left
        many = str(node.modifier.card) if node.modifier else ""
        brought = frozenset(node.modifier.group_labels or ()) if node.modifier else frozenset()
        if many.endswith("ManyToOne"):
            self._needs(brought, right, "group_left brings")
            return left | brought
        if many.endswith("OneToMany"):
            self._needs(brought, left, "group_right brings")
            return right | brought
        return matched

    def _matched(self, node: promql.BinaryExpr, left: Labels, right: Labels) -> Labels:
        """The labels both sides are matched by."""
        matching = node.modifier.matching if node.modifier else None
        if matching and matching.type == promql.LabelModifierType.Include:
            on = frozenset(matching.labels)
            self._needs(on, left, f"left of {node.op}, `on` names")
            self._needs(on, right, f"right of {node.op}, `on` names")
            return on
        ignored = frozenset(matching.labels) if matching else frozenset()
        if left - ignored != right - ignored and str(node.op) != "or":
            self.problems.append(f"{node.op} never matches: {_listed(left - ignored)} on its left, {_listed(right - ignored)} on its right")
        return (left | right) - ignored

    def _call(self, node: promql.Call) -> Labels | None:
        name = node.func.name
        vectors = [one for one, kind in zip(node.args, node.func.arg_types, strict=False) if kind in VECTORS]
        if name in ("absent", "absent_over_time"):
            return self._absent(vectors[0])
        if not vectors:
            return None if name in ("time", "pi") else frozenset()
        self._fits(name, vectors[0])
        inner = self.labels(vectors[0]) or frozenset()
        if name == "scalar":
            return None
        if name in NEEDS_BUCKETS:
            self._needs(frozenset({"le"}), inner, f"{name} reads")
            return inner - {"le"}
        return self._relabelled(node, inner) if name in ("label_replace", "label_join") else inner

    def _absent(self, node: promql.Expr) -> Labels:
        self.labels(node)
        selector = node.vector_selector if isinstance(node, promql.MatrixSelector) else node
        matchers = selector.matchers.matchers if isinstance(selector, promql.VectorSelector) else []
        return frozenset(one.name for one in matchers if one.op == promql.MatchOp.Equal)

    def _fits(self, function: str, argument: promql.Expr) -> None:
        """Rates of counters, slopes of gauges; a sum of counters is neither, because a restart looks like a drop."""
        selector = argument.vector_selector if isinstance(argument, promql.MatrixSelector) else None
        series = self.known.get(selector.name or "") if selector else None
        kind = series.type if series else "gauge"
        wanted = "counter" if function in COUNTERS_ONLY else "gauge" if function in GAUGES_ONLY else kind
        if kind != wanted and (series or not selector):
            self.problems.append(f"{function}() is for {wanted}s; {series.name if series else 'a computed value'} is a {kind}")

    def _relabelled(self, node: promql.Call, inner: Labels) -> Labels:
        texts = [one.val for one in node.args if isinstance(one, promql.StringLiteral)]
        sources = [texts[2]] if node.func.name == "label_replace" else texts[2:]
        self._needs(frozenset(source for source in sources if source), inner, f"{node.func.name} reads")
        return inner | {texts[0]}

    def _needs(self, wanted: Labels, there: Labels, what: str) -> None:
        if missing := wanted - there:
            self.problems.append(f"{what} {_listed(missing)}, but there is only {_listed(there) or 'no label'}")


def _selects(one: promql.Matcher, value: str, edge: bool) -> bool:
    """Whether a matcher selects a value; a bucket's edge both as the exporter and as Prometheus 3 writes it."""
    spellings = {value, str(float(value))} if edge and one.name == "le" and value not in ("", "+Inf") else {value}
    regex = one.op in (promql.MatchOp.Re, promql.MatchOp.NotRe)
    wanted = one.op in (promql.MatchOp.Equal, promql.MatchOp.Re)
    return all((re.fullmatch(one.value, text) is not None if regex else text == one.value) == wanted for text in spellings)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
