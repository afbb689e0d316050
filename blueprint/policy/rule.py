"""A rule: a pure function of one resource and the scope it is judged in, with what people must know about it.

    @rule("R05", "prompts sent to a model deployment stay in the zone",
          looks_at=["azurerm_cognitive_deployment"], basis="Art. 44 GDPR", controls=["C5:2020 PSS-12"], severity="HIGH")
    def check(deployment: Resource, scope: Scope) -> Iterator[Verdict]: ...

`looks_at` are patterns over `Resource.type` (`azurerm_*`, `k8s.*`). A rule yields one verdict per place it looked at and
none where it has nothing to say. Rules are found by folder (`policies/**/rNN_*.py`), never listed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property
from typing import Literal

from blueprint.facts import Resource
from blueprint.policy.scope import Scope
from blueprint.policy.verdict import Verdict

Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW"]
Check = Callable[[Resource, Scope], Iterable[Verdict]]


@dataclass(frozen=True)
class Rule:
    """A rule with its id, one sentence of what must hold, legal basis and control ids."""

    id: str
    title: str
    looks_at: tuple[str, ...]
    basis: str
    controls: tuple[str, ...]
    severity: Severity
    check: Check
    why: str

    def concerns(self, type: str) -> bool:
        """Whether the rule looks at resources of a type."""
        if type not in self._known:
            self._known[type] = self._pattern.fullmatch(type) is not None
        return self._known[type]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(translate, self.looks_at)))

    @cached_property
    def _known(self) -> dict[str, bool]:
        """Types that were asked for."""
        return {}


def rule(
    id: str, title: str, looks_at: Sequence[str], basis: str, controls: Sequence[str] = (), severity: Severity = "HIGH"
) -> Callable[[Check], Rule]:
    """Make a rule of a function; the docstring of its module says why it exists."""

    def made(check: Check) -> Rule:
        why = (check.__globals__.get("__doc__") or "").strip()
        return Rule(id, title, tuple(looks_at), basis, tuple(controls), severity, check, why)

    return made
