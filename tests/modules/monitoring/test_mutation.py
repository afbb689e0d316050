"""The cases notice when a rule is changed: a sample of what `python -m tests.modules.monitoring.mutation` does with all."""

import pytest

from tests.modules.monitoring import mutants, mutation
from tests.modules.monitoring.promtool import promtool

ONE_IN = 100


@pytest.mark.skipif(promtool() is None, reason="promtool is not installed: apt install prometheus, or `make e2e-tools`")
def test_four_of_five_sampled_changes_are_noticed() -> None:
    """Nine of ten is asked of all of them; a sample this small may have bad luck once."""
    found = [mutant for mutant in mutants.sample(ONE_IN) if mutant.name not in mutation.explained()]
    survivors = [mutant.name for mutant in mutation.survivors(found)]
    assert len(found) >= 5
    assert len(survivors) <= len(found) / 5, survivors


def test_every_survivor_is_a_mutant_still() -> None:
    """An explanation of a change that cannot be made any more is left over from a rule that was changed."""
    assert set(mutation.explained()) - {mutant.name for mutant in mutants.all_mutants()} == set()


def changes(expr: str) -> set[str]:
    return {changed for _, changed in mutants.expressions(expr)}


def test_comparisons_and_figures_are_changed() -> None:
    assert changes("a > 5") == {"a >= 5", "a < 5", "a > 6", "a > 4"}
    assert changes("a > 0") == {"a >= 0", "a < 0", "a > 1"}
    assert changes("a == bool 2") == {"a != bool 2", "a == bool 2.4", "a == bool 1.6"}


def test_windows_and_offsets_are_doubled() -> None:
    assert changes("rate(a[5m])") == {"rate(a[10m])"}
    assert changes("a offset 1h") == {"a offset 2h"}


def test_labels_are_dropped_and_matchers_turned_round() -> None:
    assert changes("sum by (cluster, pod) (a)") == {"sum by (cluster) (a)"}
    assert changes('a{b="c",d=~"1.5"}') == {'a{b!="c",d=~"1.5"}', 'a{b="c",d!~"1.5"}'}


def test_names_and_texts_are_left_alone() -> None:
    assert changes('label_replace(model:x:p95_5m, "a", "$1 > 2", "b", "(.+)")') == set()
