"""Our rules as checkov's checks: `checkov -d cdktf.out --framework terraform_json --external-checks-dir policies`.

checkov answers "unknown", which it does not report, to whatever it cannot read. So every stack is read and judged by our own
runner, once, and each check only hands out what was found about its block. Stacks are read as JSON, which checkov reads as YAML,
slowly, and gives up on at `import` or `required_version`; what cannot be read at all is a failure.

checkov has no options of ours: the zone is what the stack declares, else BLUEPRINT_ZONE, BLUEPRINT_DATA_CLASS and
BLUEPRINT_COUNTRY, else eu-resident and personal.
"""

import os
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))

from checkov.common.bridgecrew.severities import Severities
from checkov.common.checks.base_check import BaseCheck
from checkov.common.checks.base_check_registry import BaseCheckRegistry
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.common.output.report import Report
from checkov.common.typing import _CheckResult, _SkippedCheck
from checkov.common.util.consts import END_LINE, PARSE_ERROR_FAIL_FLAG, START_LINE
from checkov.runner_filter import RunnerFilter
from checkov.terraform.checks.data.base_check import BaseDataCheck
from checkov.terraform.checks.data.registry import data_registry
from checkov.terraform.checks.module.base_module_check import BaseModuleCheck
from checkov.terraform.checks.module.registry import module_registry
from checkov.terraform.checks.provider.base_check import BaseProviderCheck
from checkov.terraform.checks.provider.registry import provider_registry
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from checkov.terraform.checks.resource.registry import resource_registry
from checkov.terraform_json import parser, utils
from checkov.terraform_json.runner import TerraformJsonRunner

from blueprint.policy.blocks import Answers, answers, load, numbered
from blueprint.policy.declared import Options
from blueprint.policy.registry import rules
from blueprint.policy.report import READING, Result
from blueprint.policy.verdict import Status

ADDRESSES = {"resource": "{type}.{name}", "data": "data.{type}.{name}", "provider": "provider.{name}", "module": "module.{name}"}
OTHERWISE = ("eu-resident", "personal")


class _Stacks:
    """What our runner says about the stacks checkov is looking at, by directory."""

    def __init__(self) -> None:
        self.root = Path()
        self.known: dict[Path, Answers] = {}

    def start(self, root: str | None) -> None:
        self.root, self.known = Path(root or ""), {}

    def of(self, scanned_file: str) -> Answers:
        """`scanned_file` is relative to the scanned folder, with a slash in front."""
        folder = (self.root / scanned_file.lstrip("/")).parent
        if folder not in self.known:
            self.known[folder] = answers(folder, _options())
        return self.known[folder]


STACKS = _Stacks()


class _Answering:
    """Hands out the results of one rule about one block."""

    id: str
    block_type: str
    details: list[str]
    evaluated_keys: list[str]

    def run(
        self, scanned_file: str, entity_configuration: dict[str, Any], entity_name: str, entity_type: str, skip_info: _SkippedCheck
    ) -> _CheckResult:
        address = ADDRESSES[self.block_type].format(type=entity_type, name=entity_name)
        found = STACKS.of(scanned_file).get((self.id, address), ())
        counted = [result for result in found if result.counts]
        self.details = [_told(result) for result in counted]
        self.evaluated_keys = [result.path for result in counted if result.path]
        passed = CheckResult.PASSED if any(result.status is Status.passed for result in found) else CheckResult.UNKNOWN
        return {"result": CheckResult.FAILED if counted else passed, "evaluated_keys": self.evaluated_keys}


class _Resource(_Answering, BaseResourceCheck):
    def scan_resource_conf(self, conf: Any) -> CheckResult:
        raise NotImplementedError


class _Data(_Answering, BaseDataCheck):
    def scan_data_conf(self, conf: Any) -> CheckResult:
        raise NotImplementedError


class _Provider(_Answering, BaseProviderCheck):
    def scan_provider_conf(self, conf: Any) -> CheckResult:
        raise NotImplementedError


class _Module(_Answering, BaseModuleCheck):
    def scan_module_conf(self, conf: Any) -> CheckResult:
        raise NotImplementedError


KINDS = (_Resource, _Data, _Provider, _Module)
REGISTRIES = {"resource": resource_registry, "data": data_registry, "provider": provider_registry, "module": module_registry}
CHECKS: dict[tuple[str, str], BaseCheck] = {}
ORIGINAL = TerraformJsonRunner.add_python_check_results


def _register() -> None:
    """Make a check of every rule. What blocks it looks at is known when the stacks are: see `_complete`."""
    known = [(rule.id, rule.title, rule.severity) for rule in rules()]
    for id, title, severity in ((READING, "everything can be read and was looked at", "CRITICAL"), *known):
        for kind in KINDS:
            check = kind(title, id, [CheckCategories.GENERAL_SECURITY], [])
            check.severity = Severities[severity]  # type: ignore[assignment]
            CHECKS[check.block_type, id] = check
    os.environ[PARSE_ERROR_FAIL_FLAG] = "true"
    utils.parse = _parse  # type: ignore[attr-defined, assignment]
    TerraformJsonRunner.add_python_check_results = _complete  # type: ignore[method-assign, assignment]


def _complete(runner: TerraformJsonRunner, report: Report, runner_filter: RunnerFilter) -> None:
    """Before the checks run: read what checkov could not parse, judge the stacks, and send each check to its blocks."""
    STACKS.start(runner.root_folder)
    for file in list(report.parsing_errors):
        definition, lines = _parse(Path(file))
        if definition and lines:
            runner.definitions[file], runner.definitions_raw[file] = definition, lines
        if load(Path(file).read_text(encoding="utf-8-sig", errors="replace")) is not None:
            report.parsing_errors.remove(file)
    for file in runner.definitions:
        for rule, block in STACKS.of(f"/{os.path.relpath(file, runner.root_folder)}"):
            kind, type = _kind(block)
            check = CHECKS[kind, rule]
            if check not in REGISTRIES[kind].checks[type]:
                REGISTRIES[kind].checks[type].append(check)
    ORIGINAL(runner, report, runner_filter)


def _kind(block: str) -> tuple[str, str]:
    """Where checkov keeps the checks of a block: its kind, and the type it is known by there."""
    first, _, rest = block.partition(".")
    if first in ("data", "provider"):
        return first, rest.partition(".")[0]
    return ("module", "module") if first == "module" else ("resource", first)


def _parse(file: Path) -> tuple[dict[str, Any], list[tuple[int, str]]] | tuple[None, None]:
    """A file's blocks as checkov holds them, and its numbered lines; nothing if it is not JSON or has none."""
    text = file.read_text(encoding="utf-8-sig", errors="replace")
    definition = parser.prepare_definition(numbered(load(text) or {}, text, (START_LINE, END_LINE)))
    return (definition, list(enumerate(text.splitlines(keepends=True), 1))) if definition else (None, None)


def _options() -> Options:
    said = {name: os.environ.get(f"BLUEPRINT_{name.upper()}", "") for name in ("zone", "data_class", "country")}
    return Options(**said, otherwise=OTHERWISE)


def _told(result: Result) -> str:
    told = {"found": result.found, "allowed": result.allowed, "why": result.why, "basis": result.basis, "next": result.next}
    place = f"{result.construct or result.address} {result.path}".rstrip()
    return "; ".join([f"{result.status} {place}", *(f"{label}: {text}" for label, text in told.items() if text)])


if READING not in {check.id for check in BaseCheckRegistry.get_all_registered_checks()}:  # checkov loads this file more than once
    _register()

if __name__ == "__main__":  # checkov with our reading of stacks from the start, without evaluating expressions a second time and
    # without loading its own checks on what that gives: only checks written in YAML look at it, and ours are not
    import gc
    import logging
    from functools import partialmethod

    from checkov.main import Checkov
    from checkov.terraform.graph_manager import TerraformGraphManager

    gc.disable()  # what a scan makes stays until it ends
    logging.disable(logging.ERROR)  # 17,000 notes for debugging, put together and thrown away
    built = TerraformGraphManager.build_graph_from_definitions
    TerraformGraphManager.build_graph_from_definitions = partialmethod(built, render_variables=False)  # type: ignore[assignment]
    TerraformJsonRunner.run_graph_checks_results = lambda *_, **__: {}  # type: ignore[method-assign]
    sys.exit(Checkov().run())
