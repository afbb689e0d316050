"""What takes the memory of each deployment's GPUs, one stacked bar for each."""

from collections.abc import Mapping

from blueprint.report.chart import Chart, Table, Tone, bars
from blueprint.report.scales import linear
from blueprint.sizing import Sizing

PARTS: dict[str, tuple[Tone, str]] = {
    "weights": ("weights", "weights"),
    "overhead": ("overhead", "activation peak, CUDA, graphs"),
    "kv": ("kv", "KV cache: room for requests"),
    "free": ("free", "left free (gpu_memory_utilization)"),
}


def memory_stacks(sizings: Mapping[str, Sizing]) -> Chart:
    """GiB per GPU, as sizing computes them term by term."""
    parts = {name: _parts(sizing) for name, sizing in sizings.items()}
    frame = bars(linear([sum(each.values()) for each in parts.values()]), len(parts))
    for index, (name, each) in enumerate(parts.items()):
        top, start = len(parts) - index, 0.0
        frame.word((0, top - 0.38), _title(name, sizings[name]))
        for part, gib in each.items():
            tone, text = PARTS[part]
            frame.bar((start, top - 0.45), (start + gib, top - 0.8), tone, text)
            start += gib
    return Chart(
        id="memory",
        title="What takes the memory of a GPU",
        description="A stacked bar for each deployment: GiB of one GPU for weights, overhead and KV cache, and what is left free.",
        frame=frame,
        table=Table(
            ("deployment", "weights (GiB)", "overhead (GiB)", "KV cache (GiB)", "left free (GiB)", "requests at once", "verdict"),
            tuple(
                (name, *(f"{parts[name][part]:.2f}" for part in PARTS), f"{sizing.max_concurrency:.1f}", sizing.verdict)
                for name, sizing in sizings.items()
            ),
        ),
        x_title="GiB of one GPU, as the driver reports it",
    )


def _parts(sizing: Sizing) -> dict[str, float]:
    terms = sizing.terms
    room = max(0.0, terms["kv_room"])
    memory = terms["budget"] / float(sizing.flags["gpu_memory_utilization"])
    return {
        "weights": terms["weights"],
        "overhead": terms["budget"] - terms["weights"] - terms["kv_room"],
        "kv": room,
        "free": memory - terms["budget"],
    }


def _title(name: str, sizing: Sizing) -> str:
    ways = int(sizing.flags["tensor_parallel_size"])
    return f"{name}: {sizing.model}, {sizing.format}, {f'{ways} × ' if ways > 1 else ''}{sizing.gpu}"
