"""A report as SARIF 2.1.0, for code scanning. What passed is not in it; what is waived is, as suppressed."""

import hashlib
import json
from typing import Any
from urllib.parse import quote

from blueprint.policy.report import Report, Result
from blueprint.policy.rule import Rule
from blueprint.policy.verdict import Status

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"CRITICAL": "error", "HIGH": "error", "MEDIUM": "warning", "LOW": "note"}


def render(report: Report) -> str:
    """One run, one result for everything that is not passed."""
    told = [_result(result) for result in report.results if result.status is not Status.passed]
    waived = [{**_result(each.result), "suppressions": [_suppression(each.waiver)]} for each in report.waived]
    unchecked = [_unchecked(address) for address in report.census.unchecked]
    driver = {"name": "blueprint policies", "rules": [_rule(rule) for rule in report.rules]}
    run = {"tool": {"driver": driver}, "results": [*told, *waived, *unchecked], "columnKind": "utf16CodeUnits"}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why or rule.title},
        "help": {"text": f"{rule.basis}. {', '.join(rule.controls)}".strip()},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"severity": rule.severity, "controls": list(rule.controls)},
    }


def _result(result: Result) -> dict[str, Any]:
    fails = result.counts or result.status is Status.failed
    identity = "\n".join((result.rule, result.stack, result.construct or result.address, result.path))
    return {
        "ruleId": result.rule,
        "kind": "fail" if fails else "open",
        "level": LEVELS[result.severity] if fails else "none",
        "message": {"text": _message(result)},
        "locations": [_location(result)],
        "partialFingerprints": {"place/v1": hashlib.sha256(identity.encode()).hexdigest()},
        "properties": {"status": result.status.value, "path": result.path, "found": result.found, "severity": result.severity},
    }


def _message(result: Result) -> str:
    told = [result.why or result.title]
    told += [f"{label}: {text}" for label, text in (("found", result.found), ("allowed", result.allowed), ("next", result.next)) if text]
    return "; ".join(told)


def _location(result: Result) -> dict[str, Any]:
    name = result.construct or result.address
    logical = {"fullyQualifiedName": f"{name}.{result.path}" if result.path else name, "kind": "resource"}
    physical = {"artifactLocation": {"uri": quote(result.file)}, "region": {"startLine": 1}}
    return {"logicalLocations": [logical], **({"physicalLocation": physical} if result.file else {})}


def _unchecked(address: str) -> dict[str, Any]:
    location = {"logicalLocations": [{"fullyQualifiedName": address}]}
    return {"kind": "fail", "level": "error", "message": {"text": f"no rule has an answer for {address}"}, "locations": [location]}


def _suppression(waiver: Any) -> dict[str, str]:
    said = f"{waiver['reason']} (owner {waiver['owner']}, approved by {waiver['approver']}, until {waiver['expires']})"
    return {"kind": "external", "status": "accepted", "justification": said}
