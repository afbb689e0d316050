"""Which assumption moves the result most: one bar for each, the longest first."""

from blueprint.cost.comparison import Comparison
from blueprint.cost.ways import API
from blueprint.report.chart import Chart, Table, bars
from blueprint.report.scales import linear
from blueprint.report.wording import euros, said, short

BARS = 8


def tornado(comparison: Comparison) -> Chart | None:
    """Swings of machines less API over the horizon, one assumption at a time; None where nothing can move."""
    case, swings = comparison.case, comparison.swings[:BARS]
    if not swings:
        return None
    subject = "machines less APIs" if case.uses else "machines"
    base = _base(comparison)
    ends = [end for swing in swings for end in (swing.at_low, swing.at_high)]
    frame = bars(linear([base, *ends], from_zero=False), len(swings))
    for index, swing in enumerate(swings):
        top = len(swings) - index
        name = said(swing.name)
        frame.word((frame.x.low, top - 0.38), name)
        frame.bar((base, top - 0.45), (swing.at_low, top - 0.8), "low", "assumption at its low")
        frame.bar((base, top - 0.45), (swing.at_high, top - 0.8), "high", "assumption at its high")
    frame.rule((base, 0), (base, len(swings)))
    return Chart(
        id="tornado",
        title=f"What moves the result most over {case.months} months",
        description=f"Bars of {subject} over {case.months} months in euros, one assumption at its low and its high at a time.",
        frame=frame,
        table=Table(
            ("assumption", "at its low (EUR)", "at its high (EUR)", "swing (EUR)"),
            tuple((said(swing.name), euros(swing.at_low), euros(swing.at_high), euros(swing.width)) for swing in swings),
        ),
        x_title=f"{subject} over {case.months} months, EUR (line: {euros(base)}, all at base)",
        x_text=short,
        note="Right of zero machines cost more than APIs." if case.uses else "",
    )


def _base(comparison: Comparison) -> float:
    """What all bars start from: the total the swings are swings of."""
    hosted = next(row.total for row in comparison.rows if row.hardware)
    return hosted - next((row.total for row in comparison.rows if row.name == API), 0)
