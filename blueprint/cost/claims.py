"""Published figures held against our formulas: what was said, what the arithmetic gives, and one sentence where they differ.

The claims are data (`catalog/claims/`): each names a formula of `claim_formulas` and what it is given; nothing here knows a result.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from blueprint.catalog.base import Entry, Sourced
from blueprint.catalog.folders import load
from blueprint.cost.claim_formulas import FORMULAS
from blueprint.cost.wording import tokens
from blueprint.errors import BlueprintError

FOLDER = Path(__file__).parents[2] / "catalog" / "claims"

Verdict = Literal["holds", "differs", "inconsistent"]
WORDS = {"holds": "holds", "differs": "the arithmetic gives something else", "inconsistent": "its figures do not agree with each other"}


class ClaimEntry(Entry):
    """A claim as written down. Without `formula` there is nothing to compute."""

    says: str
    verdict: Verdict
    why: str
    formula: str | None = None
    given: dict[str, Any] = {}


class Article(Sourced):
    """An article and what it claims."""

    title: str
    claims: dict[str, ClaimEntry]


@dataclass(frozen=True)
class Claim:
    """A claim with what ours computes; `why` is told with those figures."""

    id: str
    article: str
    says: str
    verdict: Verdict
    why: str
    given: Mapping[str, Any] = field(default_factory=dict)
    gives: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


def load_claims(folder: Path = FOLDER) -> list[Claim]:
    """Every claim with its result, those that do not hold first.

    Raises:
        BlueprintError: a file cannot be read, or names a formula or a figure that is not there.
    """
    order = {"differs": 0, "inconsistent": 1, "holds": 2}
    return sorted((claim for path in sorted(folder.glob("*.yaml")) for claim in _of(path)), key=lambda claim: order[claim.verdict])


def _of(path: Path) -> Iterator[Claim]:
    article = load(Article.model_validate, path)
    for name, entry in article.claims.items():
        try:
            gives = FORMULAS[entry.formula](**entry.given) if entry.formula else {}
            why = entry.why.format_map(_told(gives))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise BlueprintError(
                f"claims/{path.name}: {name} cannot be computed: {error!r}", f"formulas are {', '.join(FORMULAS)}"
            ) from None
        yield Claim(name, article.title, entry.says, entry.verdict, why, entry.given, gives)


class _Figure(float):
    """A number that can also be told as tokens: 6 B."""

    def __format__(self, spec: str) -> str:
        return tokens(self) if spec == "tokens" else super().__format__(spec)


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _told(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_told(one) for one in value]
    return _Figure(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def render(claims: Sequence[Claim]) -> list[str]:
    """The claims for people, article by article in the order given."""
    off = sum(claim.verdict != "holds" for claim in claims)
    lines = [f"{len(claims)} published figures: {len(claims) - off} hold, {off} do not", ""]
    for claim in claims:
        lines += [f"{claim.id}: {WORDS[claim.verdict]}", f"  said   {claim.says}", f"  ours   {claim.why}", f"  in     {claim.article}", ""]
    return lines[:-1]
