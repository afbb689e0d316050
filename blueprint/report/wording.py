"""How figures are said on a page."""

import re

from markupsafe import Markup, escape

from blueprint.cost.wording import counted, tokens

__all__ = ["counted", "euros", "figure", "percent", "prose", "said", "short", "tokens"]

SPELLED = {"usd": "USD", "eur": "EUR", "fte": "FTE", "gpu": "GPU", "api": "API", "pue": "PUE", "kwh": "kWh", "gib": "GiB"}


def euros(amount: float | None) -> str:
    """Whole euros with separators; a dash for nothing known."""
    return "–" if amount is None else f"{amount:,.0f}"


def short(amount: float) -> str:
    """An amount beside an axis: 500, 20,000, 1.5 M."""
    return f"{amount / 1e6:,.3g} M" if abs(amount) >= 1e6 else f"{amount:,.0f}"


def figure(value: float) -> str:
    """A number of which three digits matter."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(share: float) -> str:
    """A share, with a digit more where it is small."""
    if share == 0:
        return "0%"
    return f"{share:.1%}" if abs(share) < 0.1 else f"{share:.0%}"


def said(name: str) -> str:
    """The name of an assumption as words: `operations_fte` is operations FTE."""
    return " ".join(SPELLED.get(word, word) for word in name.replace("_", " ").split(" "))


def prose(text: str) -> Markup:
    """A sentence with `names` in it as they are shown on a page. All else is escaped."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))
