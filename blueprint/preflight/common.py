"""What every target needs: the tools, a bucket for the state where that is S3, and private names that resolve from here."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Any

from blueprint.environment import Environment, S3State
from blueprint.images import lock
from blueprint.preflight.check import Check, Verdict

OLDEST_HELM = (3, 8)  # the first that takes charts from OCI registries without a flag; helm.sh/docs/topics/registries


def checks(env: Environment) -> Iterator[Check]:
    """The checks of all targets."""
    yield Check(
        "Helm",
        "charts are copied into the environment's registry with it",
        ("helm", "version", "--template", "{{.Version}}"),
        _helm,
        "install Helm 3.8 or newer",
        text=True,
    )
    if isinstance(env.state, S3State):
        yield _state_bucket(env, env.state)


def _state_bucket(env: Environment, state: S3State) -> Check:
    where = ("--bucket", state.bucket, "--endpoint-url", state.endpoint)
    return Check(
        "state bucket",
        "Terraform keeps its state there",
        ("aws", "s3api", "get-bucket-versioning", *where, "--output", "json"),
        _versioned,
        f"blueprint bootstrap {env.name}",
    )


def _helm(answer: str) -> Verdict:
    version = re.match(r"v(\d+)\.(\d+)", answer.strip())
    if version is None:
        return Verdict(False, f"not a version: {answer.strip()[:40]!r}")
    return Verdict(tuple(map(int, version.groups())) >= OLDEST_HELM, answer.strip())


def _versioned(answer: Any) -> Verdict:
    status = answer.get("Status", "off")
    return Verdict(status == "Enabled", f"versioning {status.lower()}")


def content(env: Environment, repositories: Sequence[str]) -> Verdict:
    """Whether a registry holds all that the environment's lock names; without a lock nobody can say."""
    locked = lock.load(env.name)
    if locked is None:
        return Verdict(False, f"{len(repositories)} repositories, but no {lock.path(env.name).name} to compare with")
    wanted = {*(image.rpartition(":")[0] for image in locked.images), *(f"charts/{chart}" for chart in locked.charts)}
    missing = sorted(wanted - set(repositories))
    return Verdict(not missing, f"missing: {', '.join(missing)}" if missing else f"all {len(wanted)} repositories of the lock")


def private_names(hosts: Sequence[str]) -> Iterator[Check]:
    """That names resolve to private addresses here: Terraform must run inside the network, or in one peered with it."""
    for host in hosts:
        yield Check(
            f"name {host}",
            "what runs Terraform must stand inside the network: the name must lead to a private address here",
            ("getent", "ahosts", host),
            partial(_private, host),
            "run this from a network under cluster.network.peers, with its DNS",
            layer="platform",
            text=True,
        )


def _private(host: str, answer: str) -> Verdict:
    addresses = sorted({line.split()[0] for line in answer.splitlines() if line.strip()})
    public = [address for address in addresses if not ip_address(address).is_private]
    return Verdict(bool(addresses) and not public, f"{', '.join(addresses) or 'no address'}{' is public' if public else ''}")
