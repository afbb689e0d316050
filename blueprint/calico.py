"""Calico's network policies: whom a selector selects, and what an egress rule opens.

https://docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

ANYWHERE = "0.0.0.0/0"
INSIDE = ("selector", "namespaceSelector", "serviceAccounts", "services")
EQUALS = re.compile(r"""([\w./-]+)\s*==\s*['"]([^'"]*)['"]""")
HAS = re.compile(r"has\(([\w./-]+)\)")


def selects(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Whether a selector selects pods. One with more than equality and presence does not, so that a policy never protects by guess."""
    if selector in (None, "", "all()"):
        return True
    return isinstance(selector, str) and all(_term(term.strip(), labels) for term in selector.split("&&"))


def _term(term: str, labels: Mapping[str, Any]) -> bool:
    if equals := EQUALS.fullmatch(term):
        return labels.get(equals[1]) == equals[2]
    return bool((has := HAS.fullmatch(term)) and has[1] in labels)


def opened(rule: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Destination, path and reason of everything outside the cluster that a rule opens."""
    to = rule.get("destination") or {}
    if rule.get("action") not in ("Allow", "Pass") or not isinstance(to, Mapping):
        return
    yield from ((str(cidr), f"destination.nets[{index}]", "opened by address") for index, cidr in enumerate(to.get("nets") or []))
    yield from ((str(name), f"destination.domains[{index}]", "opened by name") for index, name in enumerate(to.get("domains") or []))
    if not any(to.get(key) for key in ("nets", "domains", *INSIDE)):
        yield ANYWHERE, "destination", "an egress rule without a destination opens every address"
