"""checkov beside our own runner, and what it missed.

checkov does not fail on what it does not see: a check that cannot be loaded, a file it cannot parse, a configuration that switches
checks off. So it runs in an empty directory on a copy of the stacks, with an environment of its own and without network; a canary
with a violation of every rule must make every rule fire; and it must have looked at every resource and found what we found.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from blueprint.errors import BlueprintError, Problem
from blueprint.policy import pipeline
from blueprint.policy.declared import Options
from blueprint.policy.registry import FOLDER, rules
from blueprint.policy.report import READING, Report, Result, unread

CANARY = Path(__file__).parent / "canary"
KEPT = ("LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV")
Records = Sequence[Mapping[str, Any]]


def missed(path: Path, report: Report, options: Options) -> list[Result]:
    """What checkov does not find in the stacks at a path although we do; empty if it agrees.

    Raises:
        BlueprintError: checkov is not installed, or does not run.
    """
    if importlib.util.find_spec("checkov") is None:
        raise BlueprintError("checkov is not installed here", "make test installs it; or leave out --checkov")
    if not path.is_dir():
        raise BlueprintError(f"{path} is no directory of stacks, which is what checkov looks at", "leave out --checkov")
    with tempfile.TemporaryDirectory(prefix="checkov-") as folder:
        scanned = Path(folder, "scanned")
        shutil.copytree(path, scanned / "stacks", ignore=shutil.ignore_patterns(".checkov.y*ml", ".terraform"))
        shutil.copytree(CANARY, scanned / "canary")
        answer = run(scanned, Path(folder), options)
    found = [Problem("checkov", 0, "", message) for message in _complaints(answer, report, path)]
    return [unread(problem, "checkov") for problem in found]


def run(scanned: Path, home: Path, options: Options) -> dict[str, Any]:
    """checkov's own report on a folder, by our rules only."""
    said = {"BLUEPRINT_ZONE": options.zone, "BLUEPRINT_DATA_CLASS": options.data_class, "BLUEPRINT_COUNTRY": options.country}
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {"HOME": str(home), "PATH": str(home), "LOG_LEVEL": "CRITICAL", "PYTHONSAFEPATH": "1", **said}
    ours = ",".join([READING, *(rule.id for rule in rules())])
    what = ["--directory", str(scanned), "--framework", "terraform_json", "--external-checks-dir", str(FOLDER), "--check", ours]
    command = [sys.executable, "-P", str(FOLDER / "checkov_checks.py"), *what, "--skip-download", "--compact", "--output", "json"]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise BlueprintError(f"checkov does not run: {(done.stderr or done.stdout).strip()[-500:]}", "try it by hand") from None
    return answer if isinstance(answer, dict) else {}


def _complaints(answer: Mapping[str, Any], report: Report, path: Path) -> Iterator[str]:
    results = answer.get("results", {})
    failed, passed = results.get("failed_checks", []), results.get("passed_checks", [])
    yield from (f"could not parse {file}" for file in results.get("parsing_errors", []))
    fired = {record["check_id"] for record in _of("/canary/", failed)}
    yield from (f"{rule.id} does not fire on the canary: it is not loaded, or it broke" for rule in rules() if rule.id not in fired)
    yield from _unfound(_of("/stacks/", failed), report)
    yield from _unseen(_of("/stacks/", [*failed, *passed]), path)


def _of(folder: str, records: Records) -> Records:
    return [record for record in records if record["file_path"].startswith(folder)]


def _unfound(failed: Records, report: Report) -> Iterator[str]:
    """Failures of ours in a stack that checkov has no failure of the same rule for; it does not look at the pipeline's variables."""
    theirs = {record["check_id"] for record in failed}
    ours = {result.rule: result for result in report.failures if result.stack != pipeline.NAME}
    yield from (
        f"does not find {result.rule} at {result.construct or result.address}" for rule, result in ours.items() if rule not in theirs
    )


def _unseen(records: Records, path: Path) -> Iterator[str]:
    """Resources that no check answered for."""
    seen = {(record["file_path"], record["resource"]) for record in records}
    for file in sorted(path.rglob("*.tf.json")):
        place = f"/stacks/{file.relative_to(path).as_posix()}"
        for type, named in json.loads(file.read_text()).get("resource", {}).items():
            yield from (f"did not look at {type}.{name}" for name in named if (place, f"resource.{name}") not in seen)
