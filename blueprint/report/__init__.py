"""The decision report: what to host, where, at what cost, as one HTML page for people who decide.

    content.py      everything computed for it, once
    plots/          one function per chart, from results to marks
    chart.py        what a chart is; scales.py its axes; wording.py its figures
    assumptions.py  every figure with source and date
    page.py         the page itself; its text and style are in templates/

The drawings are SVG written by a template of ours: see docs/decisions/0019-charts-without-a-plotting-library.md.
"""

from blueprint.report.content import Report, gather
from blueprint.report.page import render, write

__all__ = ["Report", "gather", "render", "write"]
