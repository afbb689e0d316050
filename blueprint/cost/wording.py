"""How figures are said."""


def tokens(count: float) -> str:
    """A number of tokens as people say it: 1.58 B, 107 M."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if count >= size:
            return f"{count / size:,.3g} {letter}"
    return f"{count:,.0f}"


def euros(amount: float | None) -> str:
    """An amount in euros; "without a price" where one is missing, never 0."""
    return "without a price" if amount is None else f"{amount:,.0f}"
