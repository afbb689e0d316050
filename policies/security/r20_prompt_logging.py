"""Prompts and answers are not written to logs or traces.

A log of prompts is a second store of the data, with other readers, another retention and often another place. Engines and
instrumentation write them only when told to.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.kubernetes import TEMPLATES, containers
from blueprint.policy import Scope, Verdict, fails, passes, rule

# Options and variables that make software write prompts down, with the values that do so (empty: its presence).
OPTIONS = ("--enable-log-requests", "--enable-log-outputs", "--log-requests")
VARIABLES = {
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true",
    "TRACELOOP_TRACE_CONTENT": "true",
    "VLLM_DEBUG_LOG_API_SERVER_RESPONSE": "true",
    "VLLM_LOGGING_LEVEL": "debug",
    "LITELLM_LOG": "debug",
    "STORE_PROMPTS_IN_SPEND_LOGS": "true",
}
NEXT = "take it out; log who called which model and how many tokens, not what was said"


@rule(
    "R20",
    "prompts and answers are not written to logs",
    looks_at=[*TEMPLATES],
    basis="Art. 5(1)(c), 5(1)(e), 25 GDPR",
    controls=["C5:2020 OPS-11", "ISO 27001:2022 8.10", "ISO 27001:2022 8.11"],
)
def check(workload: Resource, scope: Scope) -> Iterator[Verdict]:
    """What containers are told on their command line and by variables."""
    if not scope.regulated:
        return
    found = list(_logged(workload))
    yield from found or [passes(workload)]


def _logged(workload: Resource) -> Iterator[Verdict]:
    for container in containers(workload):
        for word in container.words():
            if word.partition("=")[0] in OPTIONS and not word.endswith(("=false", "=none")):
                yield fails(workload, f"{container.path}.args", word, "prompts end up in the log", "no such option", NEXT)
        for name, value in container.environment().items():
            if name in VARIABLES and str(value).lower() in (VARIABLES[name], "1"):
                yield fails(workload, f"{container.path}.env.{name}", value, "prompts end up in the log", "not set", NEXT)
