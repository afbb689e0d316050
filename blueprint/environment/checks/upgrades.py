"""Versions that are about to lose their support."""

from collections.abc import Iterator

from blueprint import upgrades
from blueprint.environment import Environment
from blueprint.environment.checks.finding import Finding


def kubernetes(env: Environment) -> Iterator[Finding]:
    """The Kubernetes version gets fixes for long enough to upgrade without haste: a warning, nothing breaks that day."""
    version, known = env.cluster.kubernetes_version, upgrades.support(env)
    if known is None:
        return
    left = (known.last_day - upgrades.today()).days
    if left < upgrades.WARN_DAYS:
        end = f"ends on {known.last_day}, in {left} days" if left >= 0 else f"ended on {known.last_day}"
        message = f"support of Kubernetes {version} on {env.cluster.target} {end} ({known.source})"
        yield Finding(("cluster", "kubernetes_version"), message, next="plan the upgrade: docs/how-to/upgrade.md", severity="warning")
