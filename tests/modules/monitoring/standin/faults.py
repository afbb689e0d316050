"""Switches: each breaks one thing, knows which alerts must tell of it, and mends it.

A switch has a model, or a card, of its own where it needs one, so faults do not hide one another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.modules.monitoring.standin.platform import DAY, Pod, Target
from tests.modules.monitoring.standin.world import World

Mend = Callable[[], None]
# What happens to the world, and to the model or card that has the switch's name.
Break = Callable[[World, str], Mend]


@dataclass(frozen=True)
class Switch:
    """`after`: the alert that must be over before, because this blinds it. `stays`: seconds it is left on once all have told.
    `places`: requests its model computes at a time; 0 for switches without a model."""

    breaks: Break
    alerts: tuple[str, ...]
    places: int = 0
    card: bool = False
    after: str | None = None
    stays: float = 0


def change(thing: Any, **values: Any) -> Mend:
    """Set attributes; what mends it sets them back."""
    before = {name: getattr(thing, name) for name in values}
    for name, value in values.items():
        setattr(thing, name, value)

    def mend() -> None:
        for name, value in before.items():
            setattr(thing, name, value)

    return mend


def engine(**values: Any) -> Break:
    return lambda world, name: change(world.models[name].engine, **values)


def model(**values: Any) -> Break:
    """What Kubernetes says of the model, or what the gateway makes of its requests."""
    return lambda world, name: change(world.models[name], **values)


def card(**values: Any) -> Break:
    return lambda world, name: change(world.card(name), **values)


def count(counter: str, jump: float = 0, growing: float = 0) -> Break:
    """A counter of the card that jumps once, or grows per second until it is mended."""

    def happen(world: World, name: str) -> Mend:
        world.card(name).counters[counter] += jump
        return change(world.card(name), growing={counter: growing})

    return happen


def every_card(**values: Any) -> Break:
    return lambda world, name: together(*(change(one, **values) for one in world.all_cards()))


def certificate(**seconds_from_now: float) -> Break:
    return lambda world, name: change(world.certificates[name], **{key: world.now + value for key, value in seconds_from_now.items()})


def target(name: str, **values: Any) -> Break:
    """Of a scrape; `{}` in its name stands for the switch's."""
    return lambda world, own: change(world.targets[name.format(own)], **values)


def together(*mends: Mend) -> Mend:
    def mend() -> None:
        for one in mends:
            one()

    return mend


def both(*breaks: Break) -> Break:
    return lambda world, name: together(*(one(world, name) for one in breaks))


def stuck(world: World, name: str) -> Mend:
    """A second pod of the model that finds no node and does not come up."""
    one = world.models[name]
    late = Pod(f"{name}-6d5f8c-late0", world.now - 3600, ready=False, phase="Pending", unschedulable=True)
    return change(one, pods=[*one.pods, late])


def killed(world: World, name: str) -> Mend:
    """Out of memory: everything in the house is lost, and the container starts again."""
    one = world.models[name]
    one.engine.give_up(world.clock, "abort")
    one.pods[0].restarts += 1
    return both(change_pod, model(ready=0), engine(requests_per_second=0.0), target("pod-{}", answers=False))(world, name)


def change_pod(world: World, name: str) -> Mend:
    return change(world.models[name].pods[0], last_end="OOMKilled")


def duplicate(name: str) -> Break:
    """The same exporter twice: what must match one to one no longer does."""

    def happen(world: World, own: str) -> Mend:
        one = world.targets[name]
        world.targets[f"{name}-again"] = Target(one.labels, one.pages, one.refresh)

        def mend() -> None:
            del world.targets[f"{name}-again"]

        return mend

    return happen


CROWD = {"requests_per_second": 80.0}

SWITCHES: dict[str, Switch] = {
    # the engine
    "slow-first-token": Switch(
        engine(seconds_to_first_token=3.5), ("FirstTokenSlow", "FirstTokenSlowForMost", "FirstTokenTailSlow", "ErrorBudgetBurnsFast"), 32
    ),
    "slow-tokens": Switch(engine(seconds_per_token=0.4), ("TokensSlow", "ThroughputDrop"), 32),
    # A kernel that never ends keeps its card at work.
    "hang": Switch(both(engine(hangs=True), card(activity=0.95)), ("QueueDeep",), 100),
    "crowd": Switch(both(engine(**CROWD), model(asked=2)), ("QueueGrowsWhileGpuIsFlat", "RequestsShed"), 32, stays=15),
    # The card computes at its limit, so the queue is a matter of replicas.
    "too-few-replicas": Switch(both(engine(**CROWD), model(asked=2), card(activity=0.95)), ("AutoscalerAtLimit",), 32),
    "small-kv-cache": Switch(
        engine(**CROWD, kv_blocks=800, output_tokens=400, seconds_per_token=0.2), ("KvCacheFull", "RequestsPreempted"), 32
    ),
    "other-prompts": Switch(engine(cached_share=0.0), ("PrefixHitsDrop",), 32),
    "short-answers": Switch(engine(output_tokens=3), ("OutputLengthShift",), 32),
    "out-of-memory": Switch(killed, ("ModelCrashes", "ModelDown"), 32),
    "vanished": Switch(target("pod-{}", listed=False), ("ModelSeriesVanished",), 32),
    # the gateway
    "slow-gateway": Switch(model(added_seconds=15.0), ("RequestsSlow", "GatewayAddsLatency"), 32),
    "broken-backend": Switch(model(bad_status="502", bad_share=0.5), ("RequestsFailing",), 32),
    "broken-gateway": Switch(lambda world, name: change(world.gateway, own_errors=60.0), ("GatewayErrors",), after="QueueDeep"),
    # Half of what it sends is refused; of the rest nobody knows whose it is, and a part is not counted.
    "careless-client": Switch(
        model(bad_status="400", bad_share=0.5, consumer="", counted_share=0.7),
        ("RequestsInvalid", "TokensWithoutConsumer", "MeteringGap"),
        32,
    ),
    "bad-canary": Switch(model(bad_status="500", bad_share=0.5), ("CanaryWorse",), 32),
    "failover": Switch(model(answered_by="gpt-5.4-mini"), ("GatewayFailoverShare",), 32),
    "token-surge": Switch(engine(requests_per_second=42.0), ("ConsumerTokenSurge",), 32),
    "strangers": Switch(lambda world, name: change(world.gateway, refused={"envoy_http_rbac_denied": 2.0}), ("GatewayRefusesRequests",)),
    # cards
    "heat": Switch(
        both(card(celsius=88), count("DCGM_FI_DEV_THERMAL_VIOLATION", growing=4e8)), ("GpuHot", "GpuThrottledByHeat"), card=True
    ),
    "hot-memory": Switch(card(memory_celsius=94), ("GpuMemoryHot",), card=True),
    "double-bit-error": Switch(count("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", jump=1), ("GpuDoubleBitError",), card=True),
    "remapped-row": Switch(count("DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS", jump=1), ("GpuMemoryDegrades",), card=True),
    "no-spare-row": Switch(
        lambda world, name: change(world.card(name), counters={**world.card(name).counters, "DCGM_FI_DEV_ROW_REMAP_FAILURE": 1.0}),
        ("GpuRowRemapFailed",),
        card=True,
    ),
    "fallen-off-the-bus": Switch(card(xids={"79": 1.0}), ("GpuXid",), card=True),
    "memory-drift": Switch(card(used_share=0.97), ("GpuMemoryDrift",), card=True),
    "idle": Switch(card(activity=0.03), ("GpuIdleInBusinessHours",), card=True),
    "link-errors": Switch(count("DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL", growing=40), ("GpuNvlinkErrors",), card=True),
    "slow-link": Switch(card(link_mbps=60_000), ("GpuNvlinkSlow",), card=True),
    "silent-node": Switch(target("dcgm-{}", listed=False), ("GpuWithoutMetrics",), card=True),
    "silent-counter": Switch(
        every_card(silent=frozenset({"DCGM_FI_DEV_ECC_DBE_VOL_TOTAL"})), ("GpuCountersMissing",), after="GpuDoubleBitError"
    ),
    # the cluster
    "stuck-replica": Switch(
        both(model(scaler_errors_per_second=1.0, hpa_blind=True), stuck), ("AutoscalerBlind", "ColdStartOverBudget", "NoNodeForModel"), 32
    ),
    "expiring": Switch(certificate(expires=DAY), ("CertificateExpiresSoon",)),
    "overdue": Switch(certificate(renewal=-2 * DAY), ("CertificateNotRenewed",)),
    "unissued": Switch(lambda world, name: change(world.certificates[name], ready=False), ("CertificateNotReady",)),
    "deaf-target": Switch(target("external-secrets", answers=False), ("ScrapeTargetDown",)),
    "scraped-twice": Switch(duplicate("mlflow"), ("PrometheusRulesFailing",)),
    "no-keda": Switch(target("keda", listed=False), ("ExporterMissing",), after="AutoscalerBlind"),
}
# No switch, and why.
WITHOUT = {
    "Watchdog": "always fires",
    "SpendingAboveBudget": "an hour and a day: minutes even at sixty times the speed",
    "ErrorBudgetBurnsSlowly": "its shorter window is two hours: even sixty times as fast it takes minutes to forget",
}


def switch_of(alert: str) -> str:
    """The switch that must make an alert fire."""
    return next(name for name, switch in SWITCHES.items() if alert in switch.alerts)


def world(cluster: str) -> World:
    """Healthy, with a model or a card for every switch. A canary stands beside another model, and one team has a model to itself."""
    made = World(
        {name: switch.places for name, switch in SWITCHES.items() if switch.places},
        cards=[name for name, switch in SWITCHES.items() if switch.card],
        certificates=[name for name, switch in SWITCHES.items() if switch.alerts[0].startswith("Certificate")],
        cluster=cluster,
    )
    canary = made.models["bad-canary"]
    canary.route, canary.engine.requests_per_second = "stuck-replica", 2.0
    made.models["token-surge"].consumer = "search"
    return made
