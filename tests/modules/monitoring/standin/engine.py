"""vLLM as its metrics show it: requests wait, are batched while places and KV blocks last, decode in step, and are thrown back into
the queue when blocks run out.

Not a simulation of speed: times per token are set, not computed. What is right is how the numbers hang together.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from tests.modules.monitoring.standin.exposition import Page

BLOCK_TOKENS = 16
HANDLER = "/v1/chat/completions"

Finished = Callable[["Request", float, str], None]


@dataclass
class Request:
    """`done` are tokens written; moments are seconds of the world's clock."""

    prompt: int
    output: int
    arrived: float
    writes_from: float = 0.0
    first: float | None = None
    done: float = 0.0

    @property
    def blocks(self) -> int:
        return ceil((self.prompt + self.done) / BLOCK_TOKENS)


@dataclass
class Engine:
    """One replica. Everything here may be changed while it runs; faults do."""

    page: Page
    finished: Finished
    requests_per_second: float = 6.0
    prompt_tokens: int = 400
    output_tokens: int = 30
    max_num_seqs: int = 32
    kv_blocks: int = 2000
    seconds_per_token: float = 0.02
    seconds_to_first_token: float = 0.05
    cached_share: float = 0.5
    most_queued: int = 10_000
    hangs: bool = False
    queue: deque[Request] = field(default_factory=deque)
    running: list[Request] = field(default_factory=list)
    next_arrival: float = 0.0

    def step(self, now: float, seconds: float) -> None:
        """Lives through `seconds` that end now. Places that become free are taken at once, as by an engine that schedules for every
        token."""
        self._receive(now)
        if not self.hangs:
            self._admit(now)
            self._write(now, seconds)
            self._admit(now)

    def give_up(self, now: float, reason: str) -> None:
        """Everything in the house ends: the process dies, or clients lose patience."""
        for request in (*self.running, *self.queue):
            self._end(request, now, reason)
        self.running, self.queue = [], deque()

    def _receive(self, now: float) -> None:
        self.next_arrival = max(self.next_arrival, now - 1)
        while self.requests_per_second and self.next_arrival <= now:
            self.next_arrival += 1 / self.requests_per_second
            request = Request(self.prompt_tokens, self.output_tokens, now)
            if len(self.queue) + len(self.running) >= self.most_queued:
                self.page.add("vllm:admission_rejections_total", reason="max_num_queued_reqs")
                self.finished(request, now, "rejected")
            else:
                self.queue.append(request)

    def _admit(self, now: float) -> None:
        while self.queue and len(self.running) < self.max_num_seqs and self.queue[0].blocks <= self._free():
            request = self.queue.popleft()
            request.writes_from = now + self.seconds_to_first_token
            self.running.append(request)
            self.page.add("vllm:prefix_cache_queries_total", request.prompt)
            self.page.add("vllm:prefix_cache_hits_total", request.prompt * self.cached_share)
            self.page.add("vllm:prompt_tokens_total", request.prompt)
            self.page.observe("vllm:request_queue_time_seconds", now - request.arrived)

    def _write(self, now: float, seconds: float) -> None:
        for request in list(self.running):
            if now < request.writes_from or request not in self.running:
                continue
            if request.first is None:
                request.first = now
                self.page.observe("vllm:time_to_first_token_seconds", now - request.arrived)
                self.page.observe("vllm:request_prefill_time_seconds", self.seconds_to_first_token)
            tokens = min(seconds / self.seconds_per_token, request.output - request.done)
            request.done += tokens
            self.page.add("vllm:generation_tokens_total", tokens)
            self.page.observe("vllm:inter_token_latency_seconds", self.seconds_per_token, tokens)
            if request.done >= request.output:
                self.running.remove(request)
                self.page.observe("vllm:request_decode_time_seconds", now - request.first)
                self._end(request, now, "stop")
        while self._free() < 0:
            self._preempt()

    def _preempt(self) -> None:
        """The latest goes back and computes its prompt again."""
        self.queue.appendleft(self.running.pop())
        self.page.add("vllm:num_preemptions_total")

    def _free(self) -> int:
        return self.kv_blocks - sum(request.blocks for request in self.running)

    def _end(self, request: Request, now: float, reason: str) -> None:
        self.page.add("vllm:request_success_total", finished_reason=reason)
        self.page.observe("vllm:e2e_request_latency_seconds", now - request.arrived)
        self.page.observe("vllm:request_generation_tokens", request.done)
        self.page.observe("vllm:request_prompt_tokens", request.prompt)
        self._http("2xx" if reason == "stop" else "5xx", now - request.arrived, request)
        self.finished(request, now, reason)

    def _http(self, status: str, seconds: float, request: Request) -> None:
        """What the API server in front of the engine counts."""
        self.page.add("http_requests_total", handler=HANDLER, method="POST", status=status)
        self.page.observe("http_request_duration_seconds", seconds, handler=HANDLER, method="POST")
        self.page.observe("http_request_duration_highr_seconds", seconds)

    def show(self) -> None:
        """Write gauges; counters and histograms are written as things happen."""
        used = sum(request.blocks for request in self.running)
        self.page.set("vllm:num_requests_running", float(len(self.running)))
        self.page.set("vllm:num_requests_waiting", float(len(self.queue)))
        self.page.set("vllm:num_requests_waiting_by_reason", float(len(self.queue)), reason="capacity")
        self.page.set("vllm:kv_cache_usage_perc", min(1.0, used / self.kv_blocks))
