"""Every query of every dashboard gets an answer from a genuine Prometheus that holds two hours of data."""

from collections.abc import Iterator

import pytest

from modules.monitoring.dashboards import grafana, load
from modules.monitoring.dashboards.panels import Json
from tests.e2e.dashboards.answers import ask, filled
from tests.e2e.dashboards.day import environment
from tests.e2e.dashboards.page import page
from tests.e2e.dashboards.store import Store
from tests.e2e.dashboards.store import filled as store_with_data

RENDERED = {name: grafana.render(one, environment()) for name, one in load().items()}
PANELS = [(name, panel) for name, one in RENDERED.items() for panel in one["panels"] if panel["type"] != "row"]
# What two hours cannot show, by a part of the query, and why.
EMPTY = {
    "model:llm_output_length:ks": "is compared with yesterday and last week",
    "model:llm_prefix_hits:median7d": "is a median of a week",
    "model:llm_queue_stuck:sum": "needs a queue that grows for ten minutes",
    "unless on (cluster, model_name) model:destination:info": "is empty as long as the gateway does what it should",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store_with_data(tmp_path_factory.mktemp("dashboards")) as found:
        yield found


@pytest.mark.parametrize(("name", "panel"), PANELS, ids=[f"{name}: {panel['title']}" for name, panel in PANELS])
def test_every_query_of_a_panel_has_an_answer(store: Store, name: str, panel: Json) -> None:
    for target in panel["targets"]:
        lines = ask(store, {**panel, "targets": [target]})
        values = [value for line in lines for _, value in line.points if value == value]
        assert bool(values) != any(part in target["expr"] for part in EMPTY), target["expr"]


@pytest.mark.parametrize("name", RENDERED)
def test_variables_have_values_to_choose_from(store: Store, name: str) -> None:
    for place, expression in grafana.expressions(RENDERED[name]):
        if place.startswith("variable"):
            assert store.now(filled(expression)), place


def test_a_page_can_be_drawn_from_the_answers(store: Store) -> None:
    answers = {panel["id"]: ask(store, panel) for name, panel in PANELS if name == "overview"}
    drawn = page(RENDERED["overview"], answers)
    assert "GpuDoubleBitError" in drawn
    assert "nan" not in drawn
