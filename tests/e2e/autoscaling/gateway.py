"""Stands in for the gateway: one address per model, every request goes to the replica with the fewest open ones."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from tests.e2e.autoscaling.bridge import Bridge, Replica


class Gateway:
    """Each model's server runs in a thread of its own."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._servers: dict[str, _Server] = {}

    def url(self, model: str) -> str:
        if model not in self._servers:
            self._servers[model] = _Server(self._bridge, model)
        return f"http://127.0.0.1:{self._servers[model].server_port}"

    def close(self) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, bridge: Bridge, model: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._bridge, self._model = bridge, model
        self._choosing = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def forward(self, path: str, body: bytes) -> int:
        """The replica's status; 503 while there is none."""
        with self._choosing:
            replica = min(self._bridge.of(self._model), key=lambda one: one.open_requests, default=None)
            if replica is None:
                return 503
            replica.open_requests += 1
        try:
            return _ask(replica, path, body)
        finally:
            with self._choosing:
                replica.open_requests -= 1

    def handle_error(self, *_: Any) -> None:
        """Who asked has hung up: the load is over."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.forward(self.path, body))
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """k6 counts."""


def _ask(replica: Replica, path: str, body: bytes) -> int:
    """A replica that goes away fails the request, as a caller would see it."""
    try:
        headers = {"Content-Type": "application/json"}
        return requests.post(f"http://127.0.0.1:{replica.port}{path}", data=body, headers=headers, timeout=120).status_code
    except requests.RequestException:
        return 502
