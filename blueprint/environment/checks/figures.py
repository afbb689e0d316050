"""What is wrong with the figures of alerts and the objectives that an environment sets itself."""

from collections.abc import Iterator

from blueprint.environment import Environment
from blueprint.environment.checks.finding import Finding
from blueprint.environment.checks.names import unknown
from blueprint.monitoring import histograms, load, objectives


def named(env: Environment) -> Iterator[Finding]:
    """Figures and objectives somebody reads."""
    known = {parameter.setting for _, parameter in load().parameters() if parameter.setting}
    for section, what in (("thresholds", "figure of an alert"), ("objectives", "objective")):
        names = sorted(path.rpartition(".")[2] for path in known if path.startswith(f"monitoring.{section}."))
        for name in getattr(env.monitoring, section):
            if name not in names:
                yield unknown(("monitoring", section, name), what, name, names, "`blueprint alerts` lists them")


def reachable(env: Environment) -> Iterator[Finding]:
    """An objective is strict enough for its fastest burn to be possible: nothing is worse than everything going wrong."""
    for name, percent in env.monitoring.objectives.items():
        if percent <= objectives.lowest():
            message = f"at {percent:g} % the error budget cannot be used up {objectives.FASTEST:g} times too fast: nobody would be paged"
            yield Finding(("monitoring", "objectives", name), message, f"above {objectives.lowest():.1f}, below 100")


def edges(env: Environment) -> Iterator[Finding]:
    """A figure that a histogram is compared with is one of its edges, or the engine can be given it."""
    for histogram, figure, setting in sorted(set(histograms.not_on_an_edge(load(), env))):
        near = sorted(sorted(histograms.pinned()[histogram], key=lambda edge: abs(edge - figure))[:4])
        message = f"{histogram} has no bucket that ends at {figure:g}, so nobody can tell what is above it"
        yield Finding(tuple(setting.split(".")), message, f"{', '.join(f'{edge:g}' for edge in near)}, …")
