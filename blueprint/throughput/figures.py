"""How much of a card's peak an engine reaches, from `catalog/throughput.yaml`."""

from functools import cache

from blueprint.catalog import FOLDER
from blueprint.catalog.base import Sourced
from blueprint.catalog.folders import load


class Figures(Sourced):
    """Shares of the peaks, and time that no peak explains. `band` is high over low of what is printed."""

    bandwidth_share: float
    arithmetic_share: float
    link_share: float
    exchange_microseconds: float
    layer_microseconds: float
    expert_layer_microseconds: float
    step_milliseconds: float
    prompt_milliseconds: float
    band: float


@cache
def load_figures() -> Figures:
    """Read once per process.

    Raises:
        BlueprintError: the file cannot be read, or says something else.
    """
    return load(Figures.model_validate, FOLDER / "throughput.yaml")
