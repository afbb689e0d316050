"""How figures are said, and how wide."""

import sys

NARROWEST, WIDEST = 80, 130


def tokens(count: float) -> str:
    """A number of tokens as people say it: 1.58 B, 107 M."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if count >= size:
            return f"{count / size:,.3g} {letter}"
    return f"{count:,.0f}"


def euros(amount: float | None) -> str:
    """An amount in euros; "without a price" where one is missing, never 0."""
    return "without a price" if amount is None else f"{amount:,.0f}"


def counted(count: float, thing: str) -> str:
    """A number of things: 1 GPU, 2.65 GPUs, 0 replicas."""
    return f"{count:,.4g} {thing}{'' if count == 1 else 's'}" if count < 1000 else f"{count:,.0f} {thing}s"


def factor(times: float) -> str:
    """How many times as much: 1.32, 57.1, 24,800."""
    return f"{times:,.3g}" if times < 1000 else f"{float(f'{times:.3g}'):,.0f}"


def columns() -> int:
    """How wide text is set: as the terminal, between 80 and 130; 130 where it goes elsewhere, so that files do not depend on one."""
    if not sys.stdout.isatty():
        return WIDEST
    from shutil import get_terminal_size

    return min(WIDEST, max(NARROWEST, get_terminal_size((WIDEST, 24)).columns))


def wrapped(text: str, indent: int = 0) -> str:
    """A line that fits, its other lines indented; one that fits as it is stays so."""
    from textwrap import fill

    if len(text) <= columns():
        return text
    return fill(text, columns(), subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
