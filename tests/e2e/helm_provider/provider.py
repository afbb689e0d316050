"""The calls of the plugin protocol that end at Helm. What Terraform plans, and what it may change, stays the stand-in's."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from blueprint.rehearsal.standin.provider import RefusedError, StandIn
from blueprint.rehearsal.standin.values import Json
from tests.e2e.harness.helm import Helm, HelmError

RECORDED = "recorded, not installed"


class HelmProvider(StandIn):
    """`helm_release` for real where the chart is a folder of the stack."""

    def find(self, kind: str, state: Json) -> Json | None:
        """Gone is also what Helm does not know any more."""
        found = super().find(kind, state)
        if found is None or not _is_ours(state):
            return found
        with _refusals():
            return found if state["name"] in _helm().installed() else None

    def make(self, kind: str, prior: Json | None, state: Json, config: Json) -> Json:
        if not _is_ours(state):
            return super().make(kind, prior, {**state, "status": RECORDED}, config)
        with _refusals():
            _note(state, _helm().apply(state, _write_only(prior, state, config)))
        return super().make(kind, prior, {**state, "status": "deployed"}, config)

    def remove(self, kind: str, state: Json) -> None:
        if _is_ours(state):
            with _refusals():
                _helm().uninstall(state)
        super().remove(kind, state)


def _is_ours(state: Json) -> bool:
    return str(state["chart"]).startswith("./")


def _helm() -> Helm:
    return Helm(Path(os.environ["STANDIN_HELM"]), Path(os.environ["STANDIN_KUBECONFIG"]))


def _note(state: Json, warnings: Sequence[str]) -> None:
    """Several releases may write at a time; a short line is appended whole."""
    with Path(os.environ["STANDIN_WARNINGS"]).open("a") as file:
        for warning in warnings:
            file.write(f"{state['name']}: {warning}\n")


def _write_only(prior: Json | None, state: Json, config: Json) -> list[str]:
    """Values that are in no state; the provider sends them when it creates a release and when their revision changes."""
    if prior is not None and prior["set_wo_revision"] == state["set_wo_revision"]:
        return []
    return [f"{value['name']}={value['value']}" for value in config.get("set_wo") or []]


@contextmanager
def _refusals() -> Iterator[None]:
    """What Helm says, as Terraform's diagnostic."""
    try:
        yield
    except HelmError as error:
        raise RefusedError(error.summary, error.detail) from None
