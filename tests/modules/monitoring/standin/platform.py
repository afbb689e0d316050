"""The parts of a platform that break: models, cards, certificates, and the pages on which exporters tell of them.

Everything public may be changed while the world runs; faults do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.modules.monitoring.standin.engine import Engine, Request
from tests.modules.monitoring.standin.exposition import Page

NAMESPACE = "inference"
MIB_PER_CARD = 95830
DAY = 86400.0


@dataclass
class Card:
    """A GPU and what DCGM reads from it; numbers of a card that serves happily."""

    node: str
    index: int
    pod: str = ""
    celsius: float = 61
    memory_celsius: float = 70
    used_share: float = 0.91
    reserved_mib: float = 600
    busy: float = 95
    activity: float = 0.55
    memory_activity: float = 0.5
    link_mbps: float = 180_000
    # Counters and flags, by DCGM's own name, and how fast they grow per second.
    counters: dict[str, float] = field(default_factory=dict)
    growing: dict[str, float] = field(default_factory=dict)
    # Xid → how often in the exporter's window.
    xids: dict[str, float] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()

    def pass_time(self, seconds: float) -> None:
        for name, speed in self.growing.items():
            self.counters[name] += speed * seconds

    def show(self, page: Page) -> None:
        who = {"gpu": str(self.index), "UUID": f"GPU-{self.node}-{self.index}", "device": f"nvidia{self.index}", "hostname": self.node}
        where = {"namespace": NAMESPACE, "pod": self.pod, "container": "vllm"} if self.pod else {}
        labels = {**who, **where, "modelName": "NVIDIA H100 NVL"}
        for name, value in {**self._readings(), **self.counters}.items():
            if name not in self.silent:
                page.set(name, float(value), **labels)
        page.drop("DCGM_EXP_XID_ERRORS_COUNT", **who)
        for xid, times in (self.xids or {"": 0.0}).items():
            if "DCGM_EXP_XID_ERRORS_COUNT" not in self.silent:
                page.set("DCGM_EXP_XID_ERRORS_COUNT", times, **labels, xid=xid, window_size_in_ms="300000")

    def _readings(self) -> dict[str, float]:
        rest = MIB_PER_CARD - self.reserved_mib
        return {
            "DCGM_FI_DEV_GPU_TEMP": self.celsius,
            "DCGM_FI_DEV_MEMORY_TEMP": self.memory_celsius,
            "DCGM_FI_DEV_GPU_MAX_OP_TEMP": 90,
            "DCGM_FI_DEV_MEM_MAX_OP_TEMP": 95,
            "DCGM_FI_DEV_GPU_UTIL": self.busy,
            "DCGM_FI_DEV_FB_USED": rest * self.used_share,
            "DCGM_FI_DEV_FB_FREE": rest * (1 - self.used_share),
            "DCGM_FI_DEV_FB_RESERVED": self.reserved_mib,
            "DCGM_FI_DEV_POWER_USAGE": 80 + 3 * self.busy,
            "DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL": self.link_mbps,
            "DCGM_FI_PROF_SM_ACTIVE": self.activity,
            "DCGM_FI_PROF_GR_ENGINE_ACTIVE": self.busy / 100,
            "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": self.activity / 2,
            "DCGM_FI_PROF_DRAM_ACTIVE": self.memory_activity,
        }


@dataclass
class Pod:
    """A pod as Kubernetes sees it."""

    name: str
    created: float
    ready: bool = True
    phase: str = "Running"
    unschedulable: bool = False
    restarts: int = 0
    last_end: str = ""


@dataclass
class Model:
    """A model deployment whose replicas all do what one engine does; `asked` is the HPA's wish, `wanted` the Deployment's. `route` is
    the name clients ask for: its own, or that of the model it is a canary for."""

    name: str
    engine: Engine
    cards: list[Card]
    pods: list[Pod]
    limit: int = 2
    asked: int = 1
    wanted: int = 1
    ready: int = 1
    hpa_blind: bool = False
    scaler_errors_per_second: float = 0.0
    route: str = ""
    consumer: str = "case-management"
    # What the gateway makes of a share of the requests: an HTTP status; and who answered, how much later.
    bad_status: str = ""
    bad_share: float = 0.0
    answered_by: str = ""
    added_seconds: float = 0.01
    counted_share: float = 1.0
    _badness: float = 0.0

    def status(self, reason: str) -> str:
        """Of the answer to a request that ended like this."""
        if reason != "stop":
            return {"rejected": "503", "abort": "504"}.get(reason, "500")
        self._badness += self.bad_share
        if self._badness >= 1:
            self._badness -= 1
            return self.bad_status
        return "200"


@dataclass
class Gateway:
    """A proxy: Envoy's own page, and that of the half that understands tokens. Per second: `refused` are requests without a route, a
    key or a right, by Envoy's counter; `own_errors` those it fails on before any backend is asked."""

    envoy: Page
    tokens: Page
    refused: dict[str, float] = field(default_factory=dict)
    own_errors: float = 0.0
    prefix: str = "https-10443"

    def tell(self, model: Model, request: Request, seconds: float, status: str) -> None:
        route = f"model/{model.route or model.name}"
        self.envoy.add("envoy_cluster_upstream_rq", envoy_cluster_name=route, envoy_response_code=status)
        self.envoy.add("envoy_cluster_upstream_rq_xx", envoy_cluster_name=route, envoy_response_code_class=status[0])
        self.envoy.add("envoy_cluster_upstream_rq_total", envoy_cluster_name=route)
        self.envoy.add("envoy_cluster_upstream_rq_completed", envoy_cluster_name=route)
        self.envoy.observe("envoy_cluster_upstream_rq_time", 1000 * seconds, envoy_cluster_name=route)
        self._downstream(status, seconds)
        self._tokens(model, request, seconds, status)

    def pass_time(self, seconds: float) -> None:
        self.envoy.add("envoy_http_downstream_rq_xx", self.own_errors * seconds, **self._client("5"))
        for counter, rate in self.refused.items():
            self.envoy.add(counter, rate * seconds, envoy_http_conn_manager_prefix=self.prefix)
            self.envoy.add("envoy_http_downstream_rq_xx", rate * seconds, **self._client("4"))

    def _downstream(self, status: str, seconds: float) -> None:
        here = {"envoy_http_conn_manager_prefix": self.prefix}
        self.envoy.add("envoy_http_downstream_rq_xx", **self._client(status[0]))
        self.envoy.add("envoy_http_downstream_rq_total", **here)
        self.envoy.add("envoy_http_downstream_rq_completed", **here)
        self.envoy.observe("envoy_http_downstream_rq_time", 1000 * seconds, **here)

    def _client(self, kind: str) -> dict[str, str]:
        return {"envoy_response_code_class": kind, "envoy_http_conn_manager_prefix": self.prefix}

    def _tokens(self, model: Model, request: Request, seconds: float, status: str) -> None:
        answered_by = model.answered_by or model.name
        labels = {
            "gen_ai_operation_name": "chat",
            "gen_ai_provider_name": "openai",
            "gen_ai_original_model": model.route or model.name,
            "gen_ai_request_model": answered_by,
            "gen_ai_response_model": answered_by,
            "consumer": model.consumer,
        }
        failed = {} if status == "200" else {"error_type": "_OTHER"}
        self.tokens.observe("gen_ai_server_request_duration_seconds", seconds, **labels, **failed)
        if failed:
            return
        for kind, tokens in (("input", request.prompt), ("output", request.done)):
            self.tokens.observe("gen_ai_client_token_usage", tokens * model.counted_share, **labels, gen_ai_token_type=kind)
        first = (request.first or request.arrived) - request.arrived
        self.tokens.observe("gen_ai_server_time_to_first_token_seconds", first + model.added_seconds, **labels)
        self.tokens.observe("gen_ai_server_time_per_output_token_seconds", model.engine.seconds_per_token, **labels)


@dataclass
class Certificate:
    """Moments are seconds since 1970."""

    name: str
    namespace: str
    expires: float
    renewal: float
    ready: bool = True


@dataclass
class Target:
    """Something Prometheus scrapes. `labels` are what discovery and relabelling leave; `refresh` writes its pages anew."""

    labels: Mapping[str, str]
    pages: tuple[Page, ...]
    refresh: Callable[[], None] = lambda: None
    answers: bool = True
    listed: bool = True
