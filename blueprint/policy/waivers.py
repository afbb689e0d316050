"""Waivers: failures somebody answers for, for at most 90 days. They are always reported.

    - rule: R02
      address: azurerm_storage_account.weights     # or the construct path: eu-prod/weights/account
      reason: the copy in the paired region is deleted on 2026-12-31, change 4711
      owner: platform@acme.example
      approver: dpo@acme.example                   # somebody else than the owner
      expires: 2026-12-31

A waiver that is expired, too broad or no longer needed is a failure itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.error import YAMLError

from blueprint.errors import Problem
from blueprint.policy.report import READING, Result, Waived, unread

LONGEST = timedelta(days=90)
PATTERNS = {"rule": "is not the id of one rule, such as R02", "address": "is not one address or construct path: no wildcards, no spaces"}
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Waiver(BaseModel):
    """One failure of one rule at one place, and who answers for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: Annotated[str, StringConstraints(pattern=r"^R\d{2,3}$")]
    address: Annotated[str, StringConstraints(pattern=r"^[^*?\s]+$")]
    reason: Text
    owner: Text
    approver: Text
    expires: date = Field(validation_alias=AliasChoices("expires", "expiry"))

    def objection(self, today: date) -> str:
        """Why this waiver does not hold; empty if it does."""
        if self.rule == READING:
            return "what cannot be read cannot be waived"
        if self.owner.casefold() == self.approver.casefold():
            return f"{self.owner} cannot approve a waiver of their own"
        if self.expires < today:
            return f"expired on {self.expires}"
        if self.expires > today + LONGEST:
            return f"expires on {self.expires}, more than {LONGEST.days} days ahead"
        return ""


@dataclass(frozen=True)
class Placed:
    """A waiver and where it stands."""

    waiver: Waiver
    file: str
    line: int

    def problem(self, message: str, next: str = "") -> Problem:
        return Problem(self.file, self.line, f"{self.waiver.rule} {self.waiver.address}", message, next=next)


def load(path: Path) -> tuple[list[Placed], list[Problem]]:
    """The waivers that hold today, and everything wrong with the others."""
    try:
        content = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        return [], [Problem(str(path), line, "", f"cannot be read: {str(error).splitlines()[0]}")]
    entries = content.get("waivers") if isinstance(content, dict) else content
    if not isinstance(entries, CommentedSeq):
        return [], [Problem(str(path), 1, "", "is not a list of waivers", next="see docs/how-to/add-a-policy.md")]
    read = [_entry(entry, str(path), entries.lc.item(index)[0] + 1) for index, entry in enumerate(entries)]
    return [each for each in read if isinstance(each, Placed)], [problem for each in read if isinstance(each, list) for problem in each]


def _entry(entry: Any, file: str, line: int) -> Placed | list[Problem]:
    try:
        placed = Placed(Waiver.model_validate(entry), file, line)
    except ValidationError as error:
        return [_invalid(file, line, each) for each in error.errors()]
    objection = placed.waiver.objection(date.today())
    return [placed.problem(objection, "correct what it waives, or have it approved again")] if objection else placed


def _invalid(file: str, line: int, error: Any) -> Problem:
    """A finding of pydantic in a reader's words."""
    field = ".".join(map(str, error["loc"]))
    message = PATTERNS[field] if error["type"] == "string_pattern_mismatch" else error["msg"]
    return Problem(file, line, field, message, allowed=", ".join(Waiver.model_fields))


def apply(loaded: tuple[list[Placed], list[Problem]], results: Sequence[Result]) -> tuple[list[Result], list[Waived]]:
    """Take what is waived out of the results; waivers that do not hold are results of their own."""
    held, problems = loaded
    problems = [*problems, *(problem for placed in held for problem in _misuse(placed, results))]
    misused = {(problem.line, problem.file) for problem in problems}
    good = [placed.waiver for placed in held if (placed.line, placed.file) not in misused]
    left, waived = [], []
    for result in results:
        waiver = next((waiver for waiver in good if _covers(waiver, result)), None)
        if waiver is None:
            left.append(result)
        else:
            told = {name: str(getattr(waiver, name)) for name in ("reason", "owner", "approver", "expires")}
            waived.append(Waived(result._replace(counts=False), told))
    return [*left, *map(unread, problems)], waived


def _misuse(placed: Placed, results: Sequence[Result]) -> Iterator[Problem]:
    matched = [result for result in results if _covers(placed.waiver, result)]
    if not matched:
        yield placed.problem("matches no failure", "take it out, or correct the address")
    elif len(stacks := sorted({result.stack for result in matched})) > 1:
        yield placed.problem(f"matches in {', '.join(stacks)}", "name one place: the construct path, such as eu-prod/aks")


def _covers(waiver: Waiver, result: Result) -> bool:
    return result.counts and waiver.rule == result.rule and waiver.address in (result.address, result.construct)
