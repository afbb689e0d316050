"""What a cross-check says."""

from dataclasses import dataclass
from typing import Literal

from blueprint.environment.document import Place


@dataclass(frozen=True)
class Finding:
    """A finding at a place of the file; a warning does not make the file invalid."""

    place: Place
    message: str
    allowed: str = ""
    next: str = ""
    severity: Literal["error", "warning"] = "error"
