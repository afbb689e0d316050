"""Model weights come from storage in the zone, and nothing is fetched at start.

An engine that is given a hub's model name downloads it from the hub when a pod starts: with a token, from another country, whatever
bytes are there that day, and with `trust-remote-code` runs them. Weights are pushed to the zone once (`blueprint weights push`),
pods read them from a path or bucket, and the hub's client is told to stay offline.
"""

import re
from collections.abc import Iterator
from itertools import takewhile
from urllib.parse import urlsplit

from blueprint import programs
from blueprint.facts import Resource, Unknown
from blueprint.kubernetes import TEMPLATES, Container, containers
from blueprint.places import Place, host
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.whereabouts.buckets import addressed, declared
from blueprint.whereabouts.mentions import BUCKETS

ALLOWED = "a path in the pod, or a bucket inside the zone"
NEXT = "push the weights to the zone's storage (blueprint weights push) and name their path"
OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "VLLM_USE_MODELSCOPE")
# Options of the engines people run that name a model, adapter or tokenizer.
NAMES_A_MODEL = (
    "--model",
    "--model-id",
    "--model-path",
    "--tokenizer",
    "--lora-modules",
    "--speculative-model",
    "--draft-model",
    "--model-repository",
)
ENGINE = re.compile(r"(?i)vllm|sglang|text-generation-inference|lmdeploy|llama[.-]?cpp|ollama|tritonserver|text-embeddings-inference")
LOCAL = re.compile(r"(?i)llama[.-]?cpp|ollama")  # engines that load files and do not know the hub's client
HUB_ADDRESSES = ("HF_ENDPOINT", "HF_MIRROR", "MODELSCOPE_DOMAIN")


@rule(
    "R10",
    "model weights come from storage in the zone",
    looks_at=list(TEMPLATES),
    basis="Art. 32 GDPR; Art. 15 AI Act",
    controls=["C5:2020 SSO-02", "ISO 27001:2022 5.21", "NIST 800-53r5 SR-4", "NIST 800-53r5 SI-7"],
)
def check(workload: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every container that runs an engine, for what it is told to load."""
    if not scope.regulated:
        return
    engines = [container for container in containers(workload) if _is_engine(container)]
    found = [verdict for container in engines for verdict in _engine(workload, container, scope)]
    yield from found or [passes(workload)]


def _is_engine(container: Container) -> bool:
    return any(ENGINE.search(word) for word in _programs(container))


def _programs(container: Container) -> list[str]:
    """Its image and what it starts; neither options nor the hosts in them."""
    words = [word for text in container.words()[:3] for word in text.split() if not re.search(r"^--|[:=]|\.(svc|local|internal)\b", word)]
    return [str(container.spec.get("image", "")), *words]


def _engine(workload: Resource, container: Container, scope: Scope) -> Iterator[Verdict]:
    environment = programs.environment(container, workload)
    offline = any(str(environment.get(name)) in ("1", "true", "True", "ON") for name in OFFLINE[:2])
    no_public_hub = offline or any(isinstance(environment.get(name), str) for name in HUB_ADDRESSES)  # judged below
    at = f"{container.path}.args"
    for option, value in _options(container.words()):
        if option == "--trust-remote-code" and value != "false":
            yield fails(workload, at, option, "the engine runs code that came with the weights", "no such option", "take it out")
        elif option in NAMES_A_MODEL and (verdict := _source(workload, at, value.rpartition("=")[2], no_public_hub, scope)):
            yield verdict
    for name in HUB_ADDRESSES:
        if isinstance(address := environment.get(name), str) and (
            verdict := _judged(workload, f"{container.path}.env.{name}", address, scope)
        ):
            yield verdict
    asks_the_hub = not LOCAL.search(" ".join(_programs(container)))
    if asks_the_hub and not no_public_hub and not any(option in NAMES_A_MODEL for option, _ in _options(container.words())):
        yield fails(workload, f"{container.path}.env", "HF_HUB_OFFLINE is not set", "the engine may ask the hub", "HF_HUB_OFFLINE=1", NEXT)


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Options with each of their values, written either way; `vllm serve NAME` names a model, too."""
    for index, word in enumerate(words):
        option, equals, value = word.partition("=")
        following = list(takewhile(lambda after: not after.startswith("--"), words[index + 1 :]))
        if word.startswith("--"):
            yield from ((option, one) for one in ([value] if equals else following or [""]))
        elif word == "serve" and following:
            yield "--model", following[0]


def _source(workload: Resource, path: str, source: str, no_public_hub: bool, scope: Scope) -> Verdict | None:
    if source.startswith(("/", "./", "$(")) or not source:
        return None
    if "://" in source:
        return _judged(workload, path, source, scope)
    if no_public_hub:
        return None
    return fails(workload, path, source, "the engine fetches this name from a public hub at start", ALLOWED, NEXT)


def _judged(workload: Resource, path: str, address: str, scope: Scope) -> Verdict | None:
    for place in _places(workload, address):
        if isinstance(place, Unknown):
            return unresolved(workload, path, place, ALLOWED, NEXT)
        answer = scope.answer(place, "weights")
        if not (answer.allowed and place.countries is not None and scope.zone.admits(place)):
            return fails(workload, path, address, scope.zone.objection(place), ALLOWED, NEXT)
    return None


def _places(workload: Resource, address: str) -> list[Place | Unknown]:
    scheme = urlsplit(address).scheme
    if scheme in BUCKETS:
        return addressed(address, workload, declared(workload))
    return [Place("a file of the pod", frozenset()) if scheme in ("file", "pvc") else host(urlsplit(address).hostname or "")]
