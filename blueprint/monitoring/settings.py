"""The figures of rules: their own, or the environment's."""

import re
from collections.abc import Mapping
from typing import Any

from blueprint.environment import Environment
from blueprint.errors import BlueprintError
from blueprint.monitoring.models import Parameter, Parameters

# `$name`; in {{ }} `$labels` and `$value` are Prometheus's own.
PLACEHOLDER = re.compile(r"\$([a-z][a-z0-9_]*)")
PROMETHEUS = {"labels", "value"}


def value(parameter: Parameter, env: Environment) -> float | str:
    """The environment's figure, or ours where it says nothing.

    Raises:
        BlueprintError: an environment has no such setting.
    """
    if parameter.setting is None:
        return parameter.value
    found: Any = env
    for step in parameter.setting.split("."):
        if not isinstance(found, dict) and step not in type(found).model_fields:
            raise BlueprintError(f"an environment has no {parameter.setting}", "figures of alerts are `monitoring.thresholds.<name>`")
        found = found.get(step) if isinstance(found, dict) else getattr(found, step)
    return parameter.value if found is None else found


def figures(parameters: Parameters, env: Environment) -> dict[str, str]:
    """What each `$name` stands for in an environment."""
    found: dict[str, str] = {}
    for name, parameter in parameters.items():
        found[name] = shown(value(parameter, env))
        if parameter.histogram:
            found[f"{name}_le"] = edge(float(found[name]))
    return found


def shown(figure: float | str) -> str:
    """A figure as PromQL and people write it."""
    if isinstance(figure, str):
        return figure
    return str(int(figure)) if figure == int(figure) else repr(figure)


def edge(figure: float) -> str:
    """A matcher for the label `le`: Python exporters write 10.0 and Go's 10, and Prometheus 2 stores what it was given."""
    text = shown(figure)
    return text.replace(".", r"\\.") if "." in text else rf"{text}(\\.0)?"


def fill(text: str, figures: Mapping[str, str], file: str) -> str:
    """Put figures where `$name` stands.

    Raises:
        BlueprintError: a name has no figure.
    """

    def figure(found: re.Match[str]) -> str:
        if found[1] in PROMETHEUS:
            return found[0]
        if found[1] not in figures:
            raise BlueprintError(f"{file}: ${found[1]} is no figure of this file", f"one of {', '.join(sorted(figures))}")
        return figures[found[1]]

    return PLACEHOLDER.sub(figure, text).strip()
