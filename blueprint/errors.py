"""What can go wrong, and how it is told.

    BlueprintError            anything we tell a user about; exit code 2
    └── EnvironmentInvalid    an environment file with findings; exit code 1

A finding in a file is a `Problem`: where it stands, what was found, what is allowed and what to do next. All problems of
a file are collected before any is shown.
"""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Problem:
    """One finding in a file. `path` is the YAML path, `line` counts from 1 (0: there is no file to point into)."""

    file: str
    line: int
    path: str
    message: str
    allowed: str = ""
    next: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        head = f"{where}  {self.path}: {self.message}" if self.path else f"{where}  {self.message}"
        hints = [f"    {name}: {text}" for name, text in (("allowed", self.allowed), ("next", self.next)) if text]
        return "\n".join([head, *hints])

    def as_dict(self) -> dict[str, str | int]:
        """The stable JSON shape of a finding."""
        return asdict(self)


class BlueprintError(Exception):
    """A message for the user, with an optional next step. No traceback is shown."""

    exit_code = 2

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step


class EnvironmentInvalid(BlueprintError):
    """Environment files have errors; nothing was written."""

    exit_code = 1

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
