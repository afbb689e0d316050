"""Settings a rule refuses: what is written is judged, what is not written is not."""

from typing import Any

import pytest

from blueprint.facts import Resource, Sensitive, Unknown
from blueprint.policy import Status
from blueprint.settings import Setting, judged, settings, types_of

TABLE = settings(
    Setting("azurerm_*", "site.min_tls", ("1.0", "1.1"), "1.2 or newer", "old versions can be broken"),
    Setting("scaleway_lb", "open", ("true",), "false", "anybody may come in"),
)


def statuses(type: str, **attributes: Any) -> list[Status]:
    return [verdict.status for verdict in judged(Resource(type, f"{type}.x", attributes), TABLE)]


@pytest.mark.parametrize(("value", "status"), [("1.0", Status.failed), ("1.2", Status.passed), (Unknown("later"), Status.unresolved)])
def test_every_value_gets_an_answer(value: Any, status: Status) -> None:
    assert statuses("azurerm_web_app", site=[{"min_tls": value}]) == [status]


def test_every_element_of_a_list_is_judged() -> None:
    assert statuses("azurerm_web_app", site={"min_tls": ["1.2", "1.1"]}) == [Status.passed, Status.failed]


def test_booleans_are_spelled_as_terraform_spells_them() -> None:
    assert statuses("scaleway_lb", open=True) == [Status.failed]
    assert statuses("scaleway_lb", open="false") == [Status.passed]


def test_a_secret_is_compared_and_never_shown() -> None:
    (verdict,) = judged(Resource("scaleway_lb", "scaleway_lb.x", {"open": Sensitive(True)}), TABLE)
    assert (verdict.status, verdict.found) == (Status.failed, "(sensitive)")


def test_what_is_not_written_is_not_judged() -> None:
    assert statuses("azurerm_web_app", site=[{}]) == []
    assert statuses("aws_lb", open=True) == []


def test_the_types_of_a_table_are_what_a_rule_looks_at() -> None:
    assert types_of(TABLE) == ["azurerm_*", "scaleway_lb"]
