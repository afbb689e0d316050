"""Writes the two inventories that are made and not read: vLLM's from a scrape, DCGM's from our own list of counters.

python -m tests.modules.monitoring.inventory
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from modules.addons.gpu_operator import METRICS as DCGM_LIST
from modules.monitoring.metrics import FOLDER

# A real vLLM 0.32.0 on CPU under load (tiny model, max_model_len 1024, its own edges for inter-token latency).
SCRAPE = Path(__file__).parent / "scrapes" / "vllm-0.32.0.txt"

TYPE = re.compile(r"^# (TYPE|HELP) (\S+) (.*)$")
SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

# Labels whose values are vLLM's own; those of all others come from whoever runs it.
CLOSED = ("reason", "source", "finished_reason", "sleep_state", "generation")
STATUS = ["1xx", "2xx", "3xx", "4xx", "5xx"]

# vllm/v1/metrics/buckets.py, 0.32.0: what a deployment exposes that sets no edges and serves 32,768 tokens of context.
INTER_TOKEN_LATENCY = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80)
TOKENS = tuple(step * 10**power for power in range(5) for step in (1, 2, 5) if step * 10**power <= 32768)
EDGES = {
    **dict.fromkeys(["vllm:inter_token_latency_seconds", "vllm:request_time_per_output_token_seconds"], INTER_TOKEN_LATENCY),
    **dict.fromkeys(
        [
            "vllm:request_prompt_tokens",
            "vllm:request_generation_tokens",
            "vllm:request_max_num_generation_tokens",
            "vllm:request_params_max_tokens",
            "vllm:request_prefill_kv_computed_tokens",
        ],
        TOKENS,
    ),
}
NOTES = {
    "vllm:request_success_total": "counts every request that ended, errors and aborted ones too; vLLM counts no failures of its own",
    "vllm:admission_rejections_total": "has no `engine`",
    "vllm:prefix_cache_hits_total": "in tokens, like the queries",
    "http_requests_total": "by class of status; a class has no series before its first answer",
}
PER_GPU = "gpu UUID pci_bus_id device modelName hostname DCGM_FI_DRIVER_VERSION GPU_I_PROFILE GPU_I_ID namespace pod container pod_uid"
DCGM_LABELS = {
    "DCGM_FI_DEV_XID_ERRORS": ("err_code", "err_msg"),
    "DCGM_EXP_XID_ERRORS_COUNT": ("window_size_in_ms", "xid"),
    "DCGM_EXP_GPU_HEALTH_STATUS": ("health_watch", "health_error_code"),
}


def vllm() -> dict[str, Any]:
    """The scrape as an inventory, without the `_created` gauges nobody asks for."""
    families = {name: one for name, one in families_of(SCRAPE.read_text()).items() if not name.endswith("_created")}
    return {
        "version": "0.32.0",
        "source": "GET /metrics of a real vLLM 0.32.0 (tests/modules/monitoring/scrapes); default edges of vllm/v1/metrics/buckets.py;"
        " the 0.33.0 wheel has the same names and edges",
        "as_of": "2026-11-21",
        "le": "python",
        "metrics": {name: _metric(name, one) for name, one in families.items()},
    }


def _metric(name: str, family: Mapping[str, Any]) -> dict[str, Any]:
    labels = {label: list(values) if label in CLOSED else [] for label, values in family["labels"].items()}
    labels |= {"status": STATUS} if "status" in labels else {}
    edges = list(EDGES.get(name, [float(edge) for edge in family["edges"] if edge != "+Inf"]))
    rest = {"labels": labels, "buckets": edges, "note": NOTES.get(name)}
    return {"type": family["type"], "help": family["help"], **{key: value for key, value in rest.items() if value}}


def families_of(exposition: str) -> dict[str, dict[str, Any]]:
    """Metric families of a text exposition: type, help, labels with the values seen, bucket edges as written."""
    families: dict[str, dict[str, Any]] = {}
    for line in exposition.splitlines():
        if header := TYPE.match(line):
            family = families.setdefault(header[2], {"help": header[2], "labels": {}, "edges": []})
            family[header[1].lower()] = header[3].strip()
        elif sample := SAMPLE.match(line):
            _add(families[_family(sample[1], families)], LABEL.findall(sample[2] or ""))
    return families


def _family(name: str, families: Mapping[str, Any]) -> str:
    return name if name in families else name.rpartition("_")[0]


def _add(family: dict[str, Any], labels: Iterable[tuple[str, str]]) -> None:
    for label, value in labels:
        seen = family["edges"] if label == "le" else family["labels"].setdefault(label, [])
        if value not in seen:
            seen.append(value)


def dcgm() -> dict[str, Any]:
    """Our list of counters as an inventory. Types are the list's, which corrects the exporter's."""
    return {
        "version": "4.6.0-4.8.3",
        "source": "modules/addons/dcgm-metrics.csv; labels of NVIDIA/dcgm-exporter d5e5f51, internal/pkg/{rendermetrics,transformation}",
        "as_of": "2026-11-21",
        "labels": {label: [] for label in PER_GPU.split()},
        "target": ["node", "job", "instance"],
        "metrics": {name: _counter(name, kind, meaning) for name, kind, meaning in _listed() if kind != "label"},
    }


def _counter(name: str, kind: str, meaning: str) -> dict[str, Any]:
    labels: dict[str, list[str]] = {label: [] for label in DCGM_LABELS.get(name, ())}
    return {"type": kind, "help": meaning} | ({"labels": labels} if labels else {})


def _listed() -> Iterator[tuple[str, str, str]]:
    lines = [line for line in DCGM_LIST.read_text().splitlines() if line and not line.startswith("#")]
    return ((name, kind, meaning) for name, kind, meaning in csv.reader(lines, skipinitialspace=True))


HEADERS = {
    "vllm": "# The engine's own numbers, one set per pod and data-parallel rank (`engine`); `model_name` is the deployment's name.\n",
    "dcgm": (
        "# One set per GPU, or per MIG instance (GPU_I_ID). `namespace`, `pod` and `container` are the workload's and absent while\n"
        "# the GPU is free; `node` comes from Kubernetes, because the exporter's own label was renamed from Hostname to hostname\n"
        "# between versions. The scrape sees to both (modules/monitoring/monitors.py).\n"
    ),
}


def text(name: str, content: Mapping[str, Any]) -> str:
    """An inventory as it is written: a line per metric."""
    head = [f"{key}: {_flow(value)}" for key, value in content.items() if key != "metrics"]
    metrics = [f"  {metric}: {_flow(one)}" for metric, one in content["metrics"].items()]
    return HEADERS[name] + "\n".join([*head, "metrics:", *metrics]) + "\n"


def _flow(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, default_flow_style=True, allow_unicode=True, width=10000).removesuffix("\n...\n").strip()


def main() -> None:
    for name, content in (("vllm", vllm()), ("dcgm", dcgm())):
        (FOLDER / f"{name}.yaml").write_text(text(name, content), encoding="utf-8")


if __name__ == "__main__":
    main()
