"""Every alert fires when it should, stays quiet when it should, and is three files."""

from pathlib import Path

import pytest

from blueprint.monitoring import groups
from blueprint.monitoring.reading import read
from blueprint.monitoring.rendering import RUNBOOKS
from tests.modules.monitoring import cases
from tests.modules.monitoring.promtool import failures, promtool, run, write

ROOT = Path(__file__).parents[3]
ALERTS = sorted(cases.readable().alerts)

needs_promtool = pytest.mark.skipif(promtool() is None, reason="promtool is not installed: apt install prometheus, or `make e2e-tools`")


def test_every_file_can_be_read() -> None:
    assert read()[1] == []


@needs_promtool
@pytest.mark.parametrize("name", ALERTS if promtool() else ["all"])
def test_an_alert_does_what_its_cases_say(name: str, tmp_path: Path) -> None:
    alert = cases.readable().alerts[name]
    if said := failures(tmp_path, cases.lay_out(alert, cases.rules(alert), tmp_path, cases.cases(name))):
        pytest.fail(f"{cases.FOLDER.name}/{name}.yaml\n{said}", pytrace=False)


@needs_promtool
def test_prometheus_accepts_all_rules_together(tmp_path: Path) -> None:
    write(tmp_path / "rules.yaml", {"groups": [group.as_dict() for group in groups(cases.readable(), cases.environment())]})
    result = run("check", "rules", "rules.yaml", folder=tmp_path)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_three_files(name: str) -> None:
    wanted = [ROOT / RUNBOOKS / f"{name}.md", cases.FOLDER / f"{name}.yaml"]
    missing = [str(path.relative_to(ROOT)) for path in wanted if not path.exists()]
    assert not missing, f"{name} lacks {' and '.join(missing)}"


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_has_the_five_cases(name: str) -> None:
    named = [str(case.get("name", "")) for case in cases.cases(name)]
    missing = [kind for kind in cases.KINDS if not any(one.startswith(f"{kind}: ") for one in named)]
    assert not missing, f"tests/modules/monitoring/alerts/{name}.yaml has no case `{missing[0]}: …`"


def test_no_runbook_and_no_case_is_left_of_an_alert_that_is_gone() -> None:
    left = {path.stem for folder, ending in ((ROOT / RUNBOOKS, "md"), (cases.FOLDER, "yaml")) for path in folder.glob(f"*.{ending}")}
    assert left - set(ALERTS) - {"README"} == set()


def test_every_objective_is_seen_to_page_when_everything_is_bad() -> None:
    """With it fires the first case of ErrorBudgetBurnsFast: an objective that cannot burn fast enough would be missing there."""
    first = cases.cases("ErrorBudgetBurnsFast")[0]
    burnt = {alert["exp_labels"]["slo"] for check in first["alert_rule_test"] for alert in check.get("exp_alerts", [])}
    assert burnt == set(cases.readable().objectives)
