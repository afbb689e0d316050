"""Bucket edges: what a histogram is compared with has to be one, or the answer is interpolated.

With the engine's own edges at 75 and 100 ms nobody can say how many tokens took longer than 80. From the release on that takes
`--custom-histogram-buckets`, the engine's histograms get the edges an environment's figures ask for.
"""

from collections.abc import Iterator
from functools import cache

import yaml

from blueprint.catalog import load_catalog
from blueprint.environment import Environment
from blueprint.monitoring.reading import FOLDER, Rules
from blueprint.monitoring.settings import value

Edges = tuple[float, ...]


@cache
def pinned() -> dict[str, Edges]:
    """Every histogram of the metric contract with the edges it has by default. Every command asks, so files without any are not
    parsed: the largest have none."""
    found: dict[str, Edges] = {}
    written = (path.read_bytes() for path in sorted((FOLDER / "metrics").glob("*.yaml")))
    for content in (yaml.load(text, Loader=yaml.CSafeLoader) for text in written if b"buckets" in text):
        found |= {name: tuple(map(float, one["buckets"])) for name, one in content["metrics"].items() if "buckets" in one}
    return found


def wanted(rules: Rules, env: Environment) -> Iterator[tuple[str, float, str]]:
    """Every figure that has to be an edge: the histogram, the figure, and the setting it comes from."""
    for _, parameter in rules.parameters():
        if parameter.histogram:
            yield parameter.histogram, float(value(parameter, env)), parameter.setting or ""


def custom(rules: Rules, env: Environment) -> dict[str, list[float]]:
    """The families of histograms that get other edges than the engine's own, for `--custom-histogram-buckets`."""
    settable = load_catalog().engines["vllm"].custom_buckets
    families: dict[str, list[float]] = {}
    for name, figure, _ in wanted(rules, env):
        if settable and name in settable.families and figure not in pinned()[name]:
            family = settable.families[name]
            families[family] = sorted({*families.get(family, pinned()[name]), figure})
    return families


def not_on_an_edge(rules: Rules, env: Environment) -> Iterator[tuple[str, float, str]]:
    """Figures that are no edge and cannot be made one, as `wanted` has them."""
    settable = load_catalog().engines["vllm"].custom_buckets
    for name, figure, setting in wanted(rules, env):
        if figure not in pinned()[name] and not (settable and name in settable.families):
            yield name, figure, setting
