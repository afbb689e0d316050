"""What a deployment is asked for over a working day, beside what its replicas can write."""

from itertools import pairwise

from blueprint.capacity import Capacity
from blueprint.cost.nodes import DAYS, MINUTES_PER_DAY, STEP, replicas_at
from blueprint.environment import ModelDeployment
from blueprint.report.chart import Chart, Frame, Table, stepped
from blueprint.report.scales import Scale, linear
from blueprint.report.wording import figure, percent
from blueprint.workload import UseCase

TUESDAY = 1 % DAYS
OFFICE = (8, 18)  # ten hours, as capacity counts them; demand files say that they are office hours, not which


def day_of(name: str, deployment: ModelDeployment, use: UseCase, needed: Capacity, overflow: str = "") -> Chart:
    """Output tokens per second: the mean and the peak of the demand, and the band of what runs; a line for all that may run. `overflow`
    says where peaks go, if they do."""
    low, high = needed.replica_tokens_per_second
    running = _running(deployment)
    most = deployment.replicas.max
    mean, peak = needed.peak_tokens_per_second / use.peak_factor, needed.peak_tokens_per_second
    frame = Frame(Scale(0, 24, step=4), linear([peak, high * max(most, *(count for _, count in running))]))
    frame.band(_filled(running, low), _filled(running, high), "own", f"its replicas can write, {_measured(needed)}")
    if any(count < most for _, count in running):
        frame.line([(0, most * low), (24, most * low)], "own", f"all {most} that may run, at least", "dashed")
    if use.peak_factor > 1:
        frame.stairs(_asked(use, peak), "bill", f"demand at its peak: {figure(peak)} tokens/s", "dashed")
    frame.stairs(_asked(use, mean), "api", f"demand on average: {figure(mean)} tokens/s")
    return Chart(
        id=f"day-{name}",
        title=f"{name}: demand and capacity over a working day",
        description=f"Output tokens per second over the hours of a working day: what {name} is asked for, and what its replicas can write.",
        frame=frame,
        table=_table(running, use, (mean, peak), (low, high)),
        x_title="hour of a working day" + (" (office hours drawn from 8 to 18)" if use.hours == "office" else ""),
        y_title="output tokens a second",
        y_text="{:,g}".format,
        note=" ".join(filter(None, (_idle(needed), overflow))),
    )


def _running(deployment: ModelDeployment) -> list[tuple[float, int]]:
    """Hours at which the number of replicas changes, with the number from then on."""
    steps = [(minute / 60, replicas_at(deployment, TUESDAY, minute)) for minute in range(0, MINUTES_PER_DAY, STEP)]
    changes = [step for before, step in pairwise(steps) if step[1] != before[1]]
    return [steps[0], *changes, (24.0, steps[-1][1])]


def _filled(running: list[tuple[float, int]], each: float) -> list[tuple[float, float]]:
    return stepped([(hour, count * each) for hour, count in running])


def _asked(use: UseCase, rate: float) -> list[tuple[float, float]]:
    if use.hours == "always":
        return [(0, rate), (24, rate)]
    return [(0, 0), (OFFICE[0], rate), (OFFICE[1], 0), (24, 0)]


def _measured(needed: Capacity) -> str:
    return "measured" if needed.measured else "not measured: from the cautious to the best end"


def _idle(needed: Capacity) -> str:
    low, high = needed.busy
    return f"On average {percent(low)} to {percent(high)} of what the recommended replicas can write is asked for."


def _table(running: list[tuple[float, int]], use: UseCase, asked: tuple[float, float], served: tuple[float, float]) -> Table:
    hours = sorted({0.0, *(OFFICE if use.hours == "office" else ()), *(hour for hour, _ in running if hour < 24)})
    rows = []
    for hour in hours:
        count = [replicas for start, replicas in running if start <= hour][-1]
        in_use = use.hours == "always" or OFFICE[0] <= hour < OFFICE[1]
        figures = [figure(rate if in_use else 0) for rate in asked] + [figure(count * each) for each in served]
        rows.append((f"{int(hour):02}:{round(hour % 1 * 60):02}", *figures[:2], f"{count}", *figures[2:]))
    return Table(("from", "demand, average", "demand, peak", "replicas", "they write at least", "at most"), tuple(rows))
