"""The genuine Prometheus, scraping what the bridge lists, as often as the monitors say."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
import yaml

from tests.e2e.harness.processes import free_port, listens, running
from tests.e2e.harness.tools import tool


@dataclass(frozen=True)
class Prometheus:
    url: str

    def query(self, text: str) -> list[float]:
        """The values of an instant query, one per series."""
        answer = requests.get(f"{self.url}/api/v1/query", params={"query": text}, timeout=5)
        answer.raise_for_status()
        return [float(sample["value"][1]) for sample in answer.json()["data"]["result"]]


@contextmanager
def prometheus(folder: Path, targets: Path, scrape_seconds: int) -> Iterator[Prometheus]:
    """Keeps everything in `folder`, which is made."""
    folder.mkdir()
    config, port, seconds = folder / "prometheus.yaml", free_port(), f"{scrape_seconds}s"
    jobs = [{"job_name": "pods", "file_sd_configs": [{"files": [str(targets)]}]}]
    config.write_text(yaml.safe_dump({"global": {"scrape_interval": seconds, "scrape_timeout": seconds}, "scrape_configs": jobs}))
    options = [f"--config.file={config}", f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"]
    with running([tool("prometheus"), *options, "--log.level=warn"], folder / "log", ready=listens(port)):
        yield Prometheus(f"http://127.0.0.1:{port}")
