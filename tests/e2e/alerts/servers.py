"""The genuine Prometheus and Alertmanager, and a receiver that writes down what it is told."""

import json
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import requests
import yaml

from tests.e2e.harness.processes import free_port, listens, running
from tests.e2e.harness.tools import tool


@dataclass(frozen=True)
class Prometheus:
    """A running one."""

    url: str

    def query(self, text: str) -> list[dict[str, Any]]:
        answer = requests.get(f"{self.url}/api/v1/query", params={"query": text}, timeout=10)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found

    def get(self, path: str) -> Any:
        answer = requests.get(f"{self.url}/api/v1/{path}", timeout=10)
        answer.raise_for_status()
        return answer.json()["data"]


@contextmanager
def prometheus(
    folder: Path, targets: Path, rules: Mapping[str, Any], alertmanager: str | None = None, *, scrape: str, lookback: str
) -> Iterator[Prometheus]:
    """Scrapes that often, and takes a series for gone after `lookback` without a sample. Keeps its data in `folder`; a second one on
    the same folder goes on where the first stopped."""
    folder.mkdir(exist_ok=True, parents=True)
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules))
    stand_ins = {"job_name": "stand-ins", "honor_labels": True, "file_sd_configs": [{"files": [str(targets)], "refresh_interval": "1s"}]}
    port = free_port()
    own = {"job_name": "prometheus", "static_configs": [{"targets": [f"127.0.0.1:{port}"], "labels": {"cluster": "eu-test"}}]}
    config = {
        "global": {"scrape_interval": scrape, "scrape_timeout": scrape},
        "scrape_configs": [stand_ins, own],
        "rule_files": ["rules.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}] if alertmanager else []},
    }
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    options = [
        f"--config.file={folder}/prometheus.yaml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--query.lookback-delta={lookback}",
        "--rules.alert.resend-delay=1s",
        "--log.level=warn",
    ]
    with running([tool("prometheus"), *options], folder / "prometheus.log", ready=listens(port)):
        yield Prometheus(f"http://127.0.0.1:{port}")


def add_history(folder: Path, lines: Iterable[str]) -> None:
    """Samples of the past, in OpenMetrics, for a Prometheus that does not run."""
    folder.mkdir(exist_ok=True, parents=True)
    file = folder / "history.om"
    with file.open("w") as output:
        output.writelines(f"{line}\n" for line in lines)
        output.write("# EOF\n")
    command = [tool("promtool"), "tsdb", "create-blocks-from", "openmetrics", "--quiet", file, folder / "data"]
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=900)
    file.unlink()


@dataclass(frozen=True)
class Alertmanager:
    """A running one."""

    address: str

    def suppressed(self) -> set[tuple[str, str]]:
        """Alerts that fire and are held back, and the model each is about."""
        answer = requests.get(f"http://{self.address}/api/v2/alerts", timeout=10)
        answer.raise_for_status()
        held_back = [alert["labels"] for alert in answer.json() if alert["status"]["state"] == "suppressed"]
        return {(labels["alertname"], labels.get("model_name", "")) for labels in held_back}


@contextmanager
def alertmanager(folder: Path, config: Mapping[str, Any]) -> Iterator[Alertmanager]:
    """Keeps its files in `folder`, which is made."""
    folder.mkdir()
    (folder / "alertmanager.yaml").write_text(yaml.safe_dump(config))
    port = free_port()
    options = [
        f"--config.file={folder}/alertmanager.yaml",
        f"--storage.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with running([tool("alertmanager"), *options], folder / "alertmanager.log", ready=listens(port)):
        yield Alertmanager(f"127.0.0.1:{port}")


@dataclass(frozen=True)
class Notice:
    """One alert in one notification. `at`: seconds since 1970."""

    at: float
    receiver: str
    status: str
    labels: Mapping[str, str]


@dataclass
class Receiver:
    """A webhook; the last part of the address a notice came to is the receiver's name."""

    url: str
    notices: list[Notice] = field(default_factory=list)

    def told(self, alert: str, status: str) -> list[Notice]:
        return [notice for notice in self.notices if notice.labels["alertname"] == alert and notice.status == status]


@contextmanager
def receiver() -> Iterator[Receiver]:
    found = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = self.path.rpartition("/")[2]
            found.notices += [Notice(time.time(), name, one["status"], one["labels"]) for one in content["alerts"]]
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Not a word per notice."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
