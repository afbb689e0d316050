"""Runs the checks of an environment's target, one after the other, and hands over each result as it comes."""

import importlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from types import ModuleType

from blueprint import upgrades
from blueprint.environment import Environment
from blueprint.preflight import common
from blueprint.preflight.ages import SOON_DAYS
from blueprint.preflight.check import Check, Layer, Result, result, run


def preflight(env: Environment, layer: Layer = "platform") -> Iterator[Result]:
    """Everything to be known before a deploy; `foundation` leaves out what only its own deploy creates."""
    yield from known(env, datetime.now(UTC).date())
    target = _target(env)
    signed_in = run(target.sign_in(env))
    yield signed_in
    account = json.loads(signed_in.answer) if signed_in.status == "ok" else None
    for check in [*target.checks(env, account), *common.checks(env)]:
        if check.layer == "foundation" or layer == "platform":
            yield _run(check, signed_in)


def _target(env: Environment) -> ModuleType:
    return importlib.import_module(f"blueprint.preflight.{env.cluster.target}")


def _run(check: Check, signed_in: Result) -> Result:
    """A tool that is not signed in would only say so once more."""
    if signed_in.status != "ok" and signed_in.command.startswith(f"{check.command[0]} "):
        return result(check, "not-run", f"{signed_in.name}: {signed_in.found}")
    return run(check)


def known(env: Environment, today: date) -> Iterator[Result]:
    """What the environment and the catalogue say by themselves."""
    yield kubernetes_support(env, today)
    if (end := getattr(env.cluster, "keys_expire", None)) is not None:
        yield _key_expiry(end, today)


def _key_expiry(end: date, today: date) -> Result:
    left = (end - today).days
    return Result(
        name="keys",
        status="ok" if left >= SOON_DAYS else "failed",
        found=f"expire on {end}, in {left} days",
        reason="all keys of the environment end that day, and so does everything that uses them",
        command="",
        next="set a later cluster.keys_expire and deploy: the keys are replaced",
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def kubernetes_support(env: Environment, today: date) -> Result:
    """Whether the Kubernetes version still gets fixes, by the catalogue."""
    version = env.cluster.kubernetes_version
    known = upgrades.support(env)
    found = Result(
        name="Kubernetes support",
        status="not-run",
        found=f"catalog/kubernetes.yaml does not know {version} on {env.cluster.target}",
        reason="a version out of support gets no security fixes, and clouds upgrade it when they please",
        command="",
        next="docs/how-to/upgrade.md",
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    if known is None:
        return found
    left = (known.last_day - today).days
    hint = "; plan the upgrade now" if left < upgrades.WARN_DAYS else ""
    said = f"{version} until {known.last_day}, {left} days{hint} ({known.source})"
    return replace(found, status="ok" if left >= 0 else "failed", found=said)
