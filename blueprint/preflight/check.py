"""A check: a command, why it is asked, and a pure function that judges the answer."""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

Status = Literal["ok", "failed", "not-run"]
Layer = Literal["foundation", "platform"]

PATIENCE_SECONDS = 180
# The clouds' command lines report their use unless told not to.
QUIET = {"AZURE_CORE_COLLECT_TELEMETRY": "no", "AZURE_CORE_NO_COLOR": "yes", "SCW_SEND_TELEMETRY": "false", "CHECKPOINT_DISABLE": "1"}


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is what we need, and what it says in a few words."""

    ok: bool
    found: str


@dataclass(frozen=True)
class Check:
    """`layer` is the deploy it comes before: what the foundation creates can only be looked at afterwards. `text`: the
    answer is plain text, not JSON."""

    name: str
    reason: str
    command: tuple[str, ...]
    judge: Callable[[Any], Verdict]
    next: str
    layer: Layer = "foundation"
    text: bool = False


@dataclass(frozen=True)
class Result:
    """What came of a check. `answer` is what the tool printed, word for word; empty if it did not run."""

    name: str
    status: Status
    found: str
    reason: str
    command: str
    next: str
    at: str
    answer: str = ""


def run(check: Check, environment: Mapping[str, str] = os.environ) -> Result:
    """Run a check's command and judge the answer; never raises for what a tool does."""
    if shutil.which(check.command[0], path=environment.get("PATH")) is None:
        return result(check, "not-run", f"{check.command[0]} is not installed here")
    try:
        done = subprocess.run(
            check.command,
            env={**environment, **QUIET},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return result(check, "not-run", f"{check.command[0]} did not answer within {PATIENCE_SECONDS} s")
    except OSError as error:
        return result(check, "not-run", f"{check.command[0]} cannot be started: {error.strerror}")
    if done.returncode:
        said = done.stderr or done.stdout
        return result(check, "failed", _last_line(said) or f"{check.command[0]} ended with exit code {done.returncode}", said)
    return _judged(check, done.stdout)


def _judged(check: Check, answer: str) -> Result:
    try:
        verdict = check.judge(answer if check.text else json.loads(answer))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return result(check, "failed", f"the answer is not understood ({type(error).__name__}: {error})", answer)
    return result(check, "ok" if verdict.ok else "failed", verdict.found, answer)


def result(check: Check, status: Status, found: str, answer: str = "") -> Result:
    """The result of a check, dated now."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Result(check.name, status, found, check.reason, shlex.join(check.command), check.next, at, answer)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
