"""Pods and cards can be joined: our relabelling in a genuine Prometheus, for both settings of `honorLabels` and both names the
exporter has had for the node. The last test shows what the same series look like without it."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
import yaml

from modules.monitoring.monitors import ABOUT_GPUS
from tests.e2e.harness.processes import free_port, listens, running
from tests.e2e.harness.tools import tool

# One card that a model's pod holds, and one that is free.
PAGE = """# TYPE DCGM_FI_DEV_GPU_TEMP gauge
DCGM_FI_DEV_GPU_TEMP{{gpu="0",{host}="gpu-0",namespace="inference",pod="analysis-1",container="vllm"}} 61
DCGM_FI_DEV_GPU_TEMP{{gpu="1",{host}="gpu-0"}} 40
# TYPE vllm:num_requests_running gauge
"""
# What Kubernetes' discovery and the operator's own relabelling leave on the exporter's target.
TARGET = {
    "namespace": "gpu-operator",
    "pod": "nvidia-dcgm-exporter-abcde",
    "container": "nvidia-dcgm-exporter",
    "service": "nvidia-dcgm-exporter",
    "endpoint": "gpu-metrics",
    "__meta_kubernetes_pod_node_name": "gpu-0",
}

Series = Mapping[str, str]


def scraped(folder: Path, host: str, honour: bool, relabelings: Sequence[Mapping[str, Any]]) -> dict[str, Series]:
    """The labels of each card's temperature, by the card."""
    with exporter(PAGE.format(host=host)) as port:
        config = {
            "job_name": "gpus",
            "scrape_interval": "1s",
            "scrape_timeout": "1s",
            "honor_labels": honour,
            "static_configs": [{"targets": [f"127.0.0.1:{port}"], "labels": TARGET}],
            "relabel_configs": [{snake(key): value for key, value in one.items()} for one in relabelings],
        }
        (folder / "prometheus.yaml").write_text(yaml.safe_dump({"scrape_configs": [config]}))
        web = free_port()
        options = [f"--config.file={folder}/prometheus.yaml", f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{web}"]
        with running([tool("prometheus"), *options], folder / "log", ready=listens(web)):
            return {one["gpu"]: one for one in first_answer(f"http://127.0.0.1:{web}/api/v1/query", "DCGM_FI_DEV_GPU_TEMP")}


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)


@contextmanager
def exporter(text: str) -> Iterator[int]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Not a word per scrape."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def first_answer(url: str, query: str) -> list[Series]:
    for _ in range(100):
        answer = requests.get(url, params={"query": query}, timeout=5)
        found = answer.json()["data"]["result"] if answer.ok else []  # 503 while it reads its own files
        if found:
            return [one["metric"] for one in found]
        time.sleep(0.2)
    pytest.fail(f"{query} never had an answer")


@pytest.mark.parametrize("honour", [False, True])
@pytest.mark.parametrize("host", ["Hostname", "hostname"])
def test_a_card_has_the_pod_that_holds_it_and_the_node_it_is_in(tmp_path: Path, host: str, honour: bool) -> None:
    cards = scraped(tmp_path, host, honour, ABOUT_GPUS)
    assert {cards["0"][label] for label in ("namespace", "pod", "container", "node")} == {"inference", "analysis-1", "vllm", "gpu-0"}
    assert cards["1"]["node"] == "gpu-0"
    assert {"namespace", "pod", "container"}.isdisjoint(cards["1"]), "a free card belongs to nobody"
    assert not any(label.startswith("exported_") for card in cards.values() for label in card)


@pytest.mark.parametrize("honour", [False, True])
def test_without_it_a_free_card_seems_to_be_the_exporters(tmp_path: Path, honour: bool) -> None:
    cards = scraped(tmp_path, "hostname", honour, [])
    assert cards["1"]["pod"] == "nvidia-dcgm-exporter-abcde"
    assert cards["0"].get("exported_pod") == (None if honour else "analysis-1")
