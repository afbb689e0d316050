"""Rules and what runs them (decision 17). `policies/` holds the rules themselves."""

from blueprint.policy.rule import Rule, rule
from blueprint.policy.scope import Scope
from blueprint.policy.verdict import Status, Verdict, fails, passes, unresolved

__all__ = ["Rule", "Scope", "Status", "Verdict", "fails", "passes", "rule", "unresolved"]
