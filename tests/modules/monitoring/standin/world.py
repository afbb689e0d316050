"""One small platform in real time: what everybody measures is read from the same few objects, so it hangs together.

Its clock is the machine's. Nothing here is shortened: where rules are (tests/e2e/alerts), loads and speeds stay what they are.
"""

import time
from collections.abc import Mapping, Sequence
from functools import cache
from threading import RLock

from blueprint.catalog import load_catalog
from blueprint.monitoring import histograms
from blueprint.monitoring import load as load_rules
from modules.monitoring.metrics import load
from tests.modules.monitoring.cases import environment
from tests.modules.monitoring.standin.engine import Engine, Request
from tests.modules.monitoring.standin.exposition import Page
from tests.modules.monitoring.standin.platform import DAY, NAMESPACE, Card, Certificate, Gateway, Model, Pod, Target

STEP_SECONDS = 0.05
CARDS_PER_NODE = 8
# Families that have no series before the first event.
LATE = frozenset({"http_requests_total", "http_request_duration_seconds", "http_request_size_bytes", "http_response_size_bytes"})
PER_ROUTE = frozenset({"envoy_cluster_upstream_rq", "envoy_cluster_upstream_rq_xx", "envoy_http_downstream_rq_xx"})
COUNTERS = [name for name, metric in load()["dcgm"].metrics.items() if metric.type == "counter"]


class World:
    """Models on cards of their own, one gateway, one cluster. `places`: name of a model → requests a replica computes at a time; each
    has `replicas`, alike to the last token. Each of `cards` is in a node called like it, and computes for somebody else."""

    def __init__(
        self,
        places: Mapping[str, int],
        *,
        replicas: int = 1,
        cards: Sequence[str] = (),
        certificates: Sequence[str] = ("gateway",),
        cluster: str = "eu-test",
    ) -> None:
        self.lock = RLock()
        self.now = time.time()
        self.clock = self.now
        self.cluster = cluster
        self.pages = {name: Page(exporter) for name, exporter in load().items()}
        self.gateway = Gateway(self.pages["envoy"], self.pages["ai-gateway"])
        self.models = {name: self._model(number * replicas, name, most, replicas) for number, (name, most) in enumerate(places.items())}
        self.cards = {name: Card(name, 0, f"other-{name}") for name in cards}
        validity = (self.now + 80 * DAY, self.now + 50 * DAY)
        self.certificates = {name: Certificate(name, "envoy-gateway-system", *validity) for name in certificates}
        self.scaler_errors = dict.fromkeys(places, 0.0)
        self.targets = self._targets()
        self._declare()

    def advance(self, now: float) -> None:
        """Live until `now`. What a busy machine slept through for more than ten seconds did not happen: `clock` stands still then, and
        nobody waited for it."""
        self.now = max(self.now, now - 10)
        while self.now + STEP_SECONDS <= now:
            self.now += STEP_SECONDS
            self.clock += STEP_SECONDS
            for name, model in self.models.items():
                model.engine.step(self.clock, STEP_SECONDS)
                self.scaler_errors[name] += model.scaler_errors_per_second * STEP_SECONDS
            for card in self.all_cards():
                card.pass_time(STEP_SECONDS)
            self.gateway.pass_time(STEP_SECONDS)

    def show(self) -> dict[str, str]:
        """What each target answers now; those that do not answer are left out."""
        with self.lock:
            self.advance(time.time())
            texts: dict[int, str] = {}
            for target in self.targets.values():
                target.refresh()
                texts |= {id(page): page.text() for page in target.pages if id(page) not in texts}
            return {name: "".join(texts[id(page)] for page in target.pages) for name, target in self.targets.items() if target.answers}

    def card(self, name: str) -> Card:
        """Called so, or a model's."""
        return self.cards[name] if name in self.cards else self.models[name].cards[0]

    def all_cards(self) -> list[Card]:
        return [*(card for model in self.models.values() for card in model.cards), *self.cards.values()]

    def _model(self, first: int, name: str, places: int, replicas: int) -> Model:
        page = Page(load()["vllm"], always={"engine": "0", "model_name": name}, edges=own_edges())
        page.declare(without=LATE)
        numbers = range(first, first + replicas)
        pods = [Pod(f"{name}-6d5f8c-{number:05}", self.now - DAY) for number in numbers]
        cards = [
            Card(f"gpu-{number // CARDS_PER_NODE}", number % CARDS_PER_NODE, pod.name) for number, pod in zip(numbers, pods, strict=True)
        ]
        engine = Engine(
            page, lambda request, now, reason: self._finished(name, request, now, reason), max_num_seqs=places, most_queued=2 * places
        )
        return Model(name, engine, cards, pods, limit=replicas + 1, asked=replicas, wanted=replicas, ready=replicas)

    def _finished(self, name: str, request: Request, now: float, reason: str) -> None:
        model = self.models[name]
        self.gateway.tell(model, request, now - request.arrived + model.added_seconds, model.status(reason))

    def _targets(self) -> dict[str, Target]:
        inside = {"endpoint": "metrics", "service": "metrics", "container": "main", "pod": "pod-0"}
        nodes: dict[str, list[Card]] = {}
        for card in self.all_cards():
            nodes.setdefault(card.node, []).append(card)
        about = {  # exporter → its namespace, and what it writes before each scrape
            "keda": ("keda", self._show_scalers),
            "cert-manager": ("cert-manager", self._show_certificates),
            "kube-state-metrics": ("monitoring", self._show_objects),
        }
        quiet = {"external-secrets": "external-secrets", "envoy-gateway": "envoy-gateway-system", "mlflow": "mlflow"}
        return {
            **{
                f"pod-{name}{number or ''}": _replica(model, pod)
                for name, model in self.models.items()
                for number, pod in enumerate(model.pods)
            },
            **{f"dcgm-{node}": _node(node, cards) for node, cards in nodes.items()},
            **{
                name: Target({**inside, "namespace": space, "job": name}, (self.pages[name],), show)
                for name, (space, show) in about.items()
            },
            **{name: Target({**inside, "namespace": space, "job": name}, (self.pages[name],)) for name, space in quiet.items()},
            "proxy": Target(
                {**inside, "namespace": "envoy-gateway-system", "job": "proxies"}, (self.pages["envoy"], self.pages["ai-gateway"])
            ),
        }

    def _declare(self) -> None:
        for model in self.models.values():
            self.gateway.envoy.declare(
                without=PER_ROUTE, envoy_cluster_name=f"model/{model.name}", envoy_http_conn_manager_prefix=self.gateway.prefix
            )
        self.gateway.envoy.set("envoy_server_live", 1.0)
        for name in ("external-secrets", "envoy-gateway", "mlflow"):
            self.pages[name].declare()

    def _show_scalers(self) -> None:
        page = self.pages["keda"]
        page.set("keda_build_info", 1.0, version="2.20.2")
        for name, errors in self.scaler_errors.items():
            labels = {"namespace": NAMESPACE, "scaledObject": name}
            for index, scaler in enumerate(("requests", "kv-cache")):
                one = {**labels, "scaler": scaler, "triggerIndex": str(index), "type": "scaledobject", "metric": f"s{index}-prometheus"}
                page.set("keda_scaler_detail_errors_total", errors if scaler == "requests" else 0.0, **one)
                page.set("keda_scaler_active", 1.0, **one)
            page.set("keda_scaled_object_errors_total", errors, **labels)

    def _show_certificates(self) -> None:
        page = self.pages["cert-manager"]
        for one in self.certificates.values():
            labels = {"name": one.name, "namespace": one.namespace}
            page.set("certmanager_certificate_expiration_timestamp_seconds", one.expires, **labels)
            page.set("certmanager_certificate_renewal_timestamp_seconds", one.renewal, **labels)
            for condition in ("True", "False"):
                page.set("certmanager_certificate_ready_status", float(one.ready == (condition == "True")), condition=condition, **labels)

    def _show_objects(self) -> None:
        page = self.pages["kube-state-metrics"]
        page.values.clear()
        for model in self.models.values():
            _show_model(page, model)
        for node in sorted({card.node for card in self.all_cards()}):
            page.set("kube_node_status_allocatable", float(CARDS_PER_NODE), node=node, resource="nvidia_com_gpu", unit="integer")


@cache
def own_edges() -> dict[str, tuple[float, ...]]:
    """Of the histograms a deployment of ours gives edges of its own (`--custom-histogram-buckets`)."""
    settable = load_catalog().engines["vllm"].custom_buckets
    chosen = histograms.custom(load_rules(), environment())
    return {name: tuple(chosen[family]) for name, family in settable.families.items() if family in chosen} if settable else {}


def _replica(model: Model, pod: Pod) -> Target:
    labels = {"namespace": NAMESPACE, "pod": pod.name, "container": "vllm", "endpoint": "http"}
    return Target({**labels, "job": f"{NAMESPACE}/{model.name}"}, (model.engine.page,), model.engine.show)


def _node(node: str, cards: list[Card]) -> Target:
    page = Page(load()["dcgm"])
    for card in cards:
        card.counters |= dict.fromkeys([*COUNTERS, "DCGM_FI_DEV_ROW_REMAP_FAILURE"], 0.0)

    def show() -> None:
        page.values.clear()
        for card in cards:
            card.show(page)

    return Target({"node": node, "job": "nvidia-dcgm-exporter"}, (page,), show)


def _show_model(page: Page, model: Model) -> None:
    hpa = {"namespace": NAMESPACE, "horizontalpodautoscaler": f"keda-hpa-{model.name}"}
    page.set("kube_horizontalpodautoscaler_spec_max_replicas", float(model.limit), **hpa)
    page.set("kube_horizontalpodautoscaler_status_desired_replicas", float(model.asked), **hpa)
    for status in ("true", "false"):
        holds = model.hpa_blind == (status == "false")
        page.set("kube_horizontalpodautoscaler_status_condition", float(holds), condition="ScalingActive", status=status, **hpa)
    deployment = {"namespace": NAMESPACE, "deployment": model.name}
    page.set("kube_deployment_spec_replicas", float(model.wanted), **deployment)
    page.set("kube_deployment_status_replicas_ready", float(model.ready), **deployment)
    for pod in model.pods:
        labels = {"namespace": NAMESPACE, "pod": pod.name, "uid": pod.name}
        page.set("kube_pod_created", pod.created, **labels)
        page.set("kube_pod_status_ready", float(pod.ready), condition="true", **labels)
        page.set("kube_pod_status_phase", 1.0, phase=pod.phase, **labels)
        if pod.unschedulable:
            page.set("kube_pod_status_unschedulable", 1.0, **labels)
        page.set("kube_pod_container_status_restarts_total", float(pod.restarts), container="vllm", **labels)
        if pod.last_end:
            page.set("kube_pod_container_status_last_terminated_reason", 1.0, container="vllm", reason=pod.last_end, **labels)
