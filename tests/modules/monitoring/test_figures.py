"""Figures that stand in an alert and somewhere else are the same."""

from blueprint.catalog import load_catalog
from tests.modules.monitoring import cases


def test_the_memory_an_alert_plans_with_is_what_the_engine_takes() -> None:
    planned = cases.readable().alerts["GpuMemoryDrift"].parameters["planned"].value
    assert planned == load_catalog().engines["vllm"].release().gpu_memory_utilization
