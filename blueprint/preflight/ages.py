"""How old keys and secrets are, and which must be rotated."""

from datetime import UTC, datetime
from typing import Any

from blueprint.preflight.check import Verdict

SOON_DAYS = 14


def ages(answer: Any, now: datetime | None = None) -> Verdict:
    """A Key Vault listing (`attributes.created`, `updated`, `expires`): nothing enabled may be expired or expire within two weeks."""
    now = now or datetime.now(UTC)
    said, ok = [], True
    for item in answer:
        attributes = item["attributes"]
        changed = datetime.fromisoformat(attributes.get("updated") or attributes["created"])
        expires = datetime.fromisoformat(attributes["expires"]) if attributes.get("expires") else None
        left = (expires - now).days if expires else None
        ok &= left is None or left >= SOON_DAYS or not attributes.get("enabled", True)
        name = item.get("name") or item["kid"].rpartition("/")[2]
        said.append(f"{name} {(now - changed).days} days old{'' if left is None else f', expires in {left}'}")
    return Verdict(ok, "; ".join(said) or "none yet")
