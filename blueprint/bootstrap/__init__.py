"""Creates the storage Terraform keeps its state in: in the zone, versioned, encrypted, private, with a lock that works.

Everything is read first and changed only where it differs, so a second run changes nothing.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from blueprint.environment import S3State
from blueprint.environment.loading import load

Status = Literal["unchanged", "changed", "would change", "not offered"]


@dataclass(frozen=True)
class Outcome:
    """One property of the storage: what was done, and what it is now or what it means that there is none."""

    name: str
    status: Status
    detail: str


@dataclass(frozen=True)
class Report:
    """What bootstrap did for an environment."""

    environment: str
    backend: str
    place: str
    outcomes: tuple[Outcome, ...]

    @property
    def changed(self) -> int:
        return sum(outcome.status in ("changed", "would change") for outcome in self.outcomes)

    def __str__(self) -> str:
        width = max(len(outcome.name) for outcome in self.outcomes)
        rows = [f"  {outcome.name:<{width}}  {outcome.status:<12}  {outcome.detail}".rstrip() for outcome in self.outcomes]
        would = " would" if any(outcome.status == "would change" for outcome in self.outcomes) else ""
        count = f"{self.changed}{would} change{'' if would else 'd'}" if self.changed else "nothing changed"
        return "\n".join([f"state of {self.environment}: {self.place}", *rows, count])

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON shape."""
        return {**asdict(self), "changed": self.changed}


def bootstrap(file: Path, *, dry_run: bool = False) -> Report:
    """Create or check the state storage of the environment in a file; a dry run only reads.

    Raises:
        EnvironmentInvalid: the file has errors, a location outside the zone among them.
        Refused, TerraformError: the service or Terraform said no.
        BlueprintError: there is no usable Terraform.
    """
    env = load(file)
    if isinstance(env.state, S3State):
        from blueprint.bootstrap import s3

        return s3.bootstrap(env, env.state, dry_run=dry_run)
    from blueprint.bootstrap import azurerm

    return azurerm.bootstrap(env, env.state, file, dry_run=dry_run)
