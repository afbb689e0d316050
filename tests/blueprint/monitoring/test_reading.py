"""Files of recordings, alerts and objectives: what is refused, and how it is told."""

from pathlib import Path

import pytest

from blueprint.errors import BlueprintError
from blueprint.monitoring import load
from blueprint.monitoring.reading import read

ALERT = """
group: queue
severity: ticket
source: "a test"
parameters:
  depth: {value: 50, unit: requests, setting: monitoring.thresholds.queue_depth}
for: 2m
expr: model:llm_queue:sum > $depth
summary: "{{ $labels.model_name }}: {{ $value }} wait"
"""


def folder(tmp_path: Path, content: str, file: str = "alerts/QueueLong.yaml") -> Path:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    return tmp_path


def test_an_alert_is_called_as_its_file(tmp_path: Path) -> None:
    assert load(folder(tmp_path, ALERT)).alerts["QueueLong"].name == "QueueLong"


@pytest.mark.parametrize(
    ("found", "instead", "said"),
    [
        ("for: 2m", "for: 0s", "`for: 0s` needs a `why_at_once`"),
        ("severity: ticket", "severity: critical", "'page', 'ticket' or 'info'"),
        (
            "unit: requests, setting: monitoring.thresholds.queue_depth",
            "unit: requests",
            "needs a `setting` an environment can change",
        ),
        ("for: 2m", "for: two minutes", "for: String should match pattern"),
        ("group: queue", "grup: queue", "grup: Extra inputs are not permitted"),
        ("expr: model:llm_queue:sum > $depth", "expr: [", "while parsing"),
    ],
)
def test_what_the_format_does_not_know_is_told_with_the_file(tmp_path: Path, found: str, instead: str, said: str) -> None:
    with pytest.raises(BlueprintError) as refused:
        load(folder(tmp_path, ALERT.replace(found, instead)))
    assert "alerts/QueueLong.yaml  " in str(refused.value)
    assert said in str(refused.value)


def test_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    folder(tmp_path, "group: queue", "alerts/One.yaml")
    folder(tmp_path, "rules: []\nintervall: 30s", "recordings/two.yaml")
    folder(tmp_path, "- a list", "slos/three.yaml")
    told = "\n".join(read(tmp_path)[1])
    assert all(file in told for file in ("alerts/One.yaml", "recordings/two.yaml", "slos/three.yaml"))


def test_one_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    folder(tmp_path, ALERT)
    rules, mistakes = read(folder(tmp_path, "{", "alerts/Broken.yaml"))
    assert list(rules.alerts) == ["QueueLong"]
    assert len(mistakes) == 1


def test_an_alert_is_named_in_words_run_together(tmp_path: Path) -> None:
    assert "name: String should match pattern" in read(folder(tmp_path, ALERT, "alerts/queue_long.yaml"))[1][0]
