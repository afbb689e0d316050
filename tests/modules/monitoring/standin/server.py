"""Serves a world over HTTP and writes the list of targets Prometheus reads (`file_sd_configs`), with the labels that Kubernetes
discovery and our relabelling would leave.

    python -m tests.modules.monitoring.standin.server [--targets targets.json] [MODEL ...]

Prometheus scrapes it with `honor_labels: true`: who speaks about other objects than itself keeps what it says.
"""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

from tests.modules.monitoring.standin.world import World

EVERY_SECONDS = 0.5


class Server(ThreadingHTTPServer):
    """The world at `/<target>/metrics`, drawn anew every so often whoever asks: a machine that is too busy serves older pages, not
    later ones."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, world: World, targets: Path, port: int = 0, every_seconds: float = EVERY_SECONDS) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.world, self.file, self.every_seconds = world, targets, every_seconds
        self.shown: dict[str, bytes] = {}
        self.ended = Event()
        self.draw()
        self.list_targets()

    def draw(self) -> None:
        self.shown = {name: text.encode() for name, text in self.world.show().items()}

    def keep_drawing(self) -> None:
        """Until the server is closed."""
        while not self.ended.wait(self.every_seconds):
            self.draw()

    def server_close(self) -> None:
        self.ended.set()
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Prometheus hung up, for instance because it was stopped."""

    def list_targets(self) -> None:
        """Write the list anew: what is not listed is not scraped."""
        address = f"127.0.0.1:{self.server_address[1]}"
        listed = [
            {
                "targets": [address],
                "labels": {**target.labels, "cluster": self.world.cluster, "instance": name, "__metrics_path__": f"/{name}/metrics"},
            }
            for name, target in self.world.targets.items()
            if target.listed
        ]
        unfinished = self.file.with_suffix(".new")
        unfinished.write_text(json.dumps(listed))
        unfinished.replace(self.file)


class Handler(BaseHTTPRequestHandler):
    """One page per target; a target that is broken or unknown answers 503."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        page = self.server.shown.get(self.path.strip("/").removesuffix("/metrics"))
        status, body = ("503 Service Unavailable", b"") if page is None else ("200 OK", page)
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def log_message(self, format: str, *args: object) -> None:
        """Not a word per scrape."""


@contextmanager
def serving(world: World, targets: Path, port: int = 0, every_seconds: float = EVERY_SECONDS) -> Iterator[Server]:
    """The server from its first answer on."""
    server = Server(world, targets, port, every_seconds)
    threads = [Thread(target=what, daemon=True) for what in (server.serve_forever, server.keep_drawing)]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.modules.monitoring.standin.server", description=__doc__.partition("\n")[0])
    parser.add_argument("models", nargs="*", default=["analysis", "classify"])
    parser.add_argument("--targets", type=Path, default=Path("targets.json"), help="where the list for Prometheus goes")
    parser.add_argument("--port", type=int, default=9400)
    options = parser.parse_args()
    with serving(World(dict.fromkeys(options.models, 32)), options.targets, options.port) as server, suppress(KeyboardInterrupt):
        print(f"{len(server.world.targets)} targets on port {options.port}, listed in {options.targets}", flush=True)
        Event().wait()


if __name__ == "__main__":
    main()
