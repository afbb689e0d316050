"""How many tokens per second a deployment serves: measured where somebody has, else a band, never one figure.

measured.py      guidellm's and aiperf's results, and what lies between their points
roofline.py      the band: bandwidth for writing, arithmetic for reading, and the time between
plausibility.py  claims no card can keep
figures.py       what share of its peaks a card reaches, from `catalog/throughput.yaml`
"""

from blueprint.throughput.plausibility import Claim, Finding, implausible
from blueprint.throughput.roofline import Band, Load, Roofline, band, held

__all__ = ["Band", "Claim", "Finding", "Load", "Roofline", "band", "held", "implausible"]
