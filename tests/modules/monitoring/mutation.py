"""Changes one thing in a rule at a time and asks whether some alert's cases notice: a mutation test of the cases.

    python -m tests.modules.monitoring.mutation [--processes N] [ALERT ...]

What is changed: `mutants.py`; in alerts, and in the recordings they read. Survivors that change nothing anybody could notice stand in
survivors.yaml, each with the reason. The command ends with 1 where others survive or one of these does not, or fewer than 90 % are
noticed; with 2 where cases fail without any change, for then nothing is said.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from blueprint.monitoring import Alert
from blueprint.monitoring.rendering import names
from tests.modules.monitoring import cases
from tests.modules.monitoring.mutants import Mutant, all_mutants, read_by_alerts
from tests.modules.monitoring.promtool import failed

SURVIVORS = Path(__file__).parent / "survivors.yaml"
WANTED = 0.9
AT_ONCE = 20
# What has a value without any series; a case that gives none may concern it, too.
OUT_OF_NOTHING = frozenset({"absent", "absent_over_time", "vector"})


def survivors(found: Sequence[Mutant]) -> list[Mutant]:
    """Those that no case notices. Each meets one case after another, short ones first; promtool sees a case of each at a time."""
    alive = dict(enumerate(found))
    ahead = {number: trials(mutant) for number, mutant in alive.items()}
    with TemporaryDirectory() as folder:
        while some := [number for number in alive if ahead[number]]:
            files = {lay_out(alive[number], *ahead[number].pop(0), Path(folder, str(number))): number for number in some}
            for file in failed(Path(folder), list(files)):
                del alive[files[file]]
    return list(alive.values())


def trials(mutant: Mutant) -> list[tuple[Alert, cases.Case]]:
    """The cases that could notice, of all alerts that read the rule; the shortest first."""
    alerts = [cases.readable().alerts[name] for name in read_by_alerts().get(mutant.rule, (mutant.rule,))]
    found = [(alert, case) for alert in alerts for case in cases.cases(alert.name) if _concerns(case, mutant.rule)]
    return sorted(found, key=lambda trial: cases.evaluations(trial[1]))


def _concerns(case: cases.Case, rule: str) -> bool:
    """Whether a case gives any series that the rule is made from, however indirectly."""
    given = {series["series"].partition("{")[0] for series in case.get("input_series", [])}
    return not given.isdisjoint(_made_from(rule)) or not OUT_OF_NOTHING.isdisjoint(_made_from(rule))


@cache
def _made_from(rule: str) -> frozenset[str]:
    alert = cases.readable().alerts.get(rule)
    own = [name for one in (cases.rules(alert) if alert else cases.recorded(rule)) for name in names(one["expr"])]
    return frozenset(own).union(*(_made_from(name) for name in own if name != rule and cases.recorded(name)))


def lay_out(mutant: Mutant, alert: Alert, case: cases.Case, folder: Path) -> str:
    """Write an alert's rules, one of them changed, and a case; promtool's file, seen from the folder above."""
    own = cases.rules(alert)
    same = [place for place, rule in enumerate(own) if rule.get("record", rule.get("alert")) == mutant.rule]
    folder.mkdir(exist_ok=True)
    changed = [rule | dict(mutant.result) if place in same[mutant.index : mutant.index + 1] else rule for place, rule in enumerate(own)]
    (file,) = cases.lay_out(alert, changed, folder, [case])
    return f"{folder.name}/{file}"


def explained() -> dict[str, str]:
    """Survivors that are known, with the reason."""
    return {name: why for why, names in (yaml.safe_load(SURVIVORS.read_text()) or {}).items() for name in names}


def unchanged(alerts: Sequence[str]) -> list[Mutant]:
    """Alerts as they are: nobody may notice anything."""
    return [Mutant(name, "nothing", 0, ()) for name in alerts or sorted(cases.readable().alerts)]


def main() -> int:
    """Run all, tell what survived."""
    parser = argparse.ArgumentParser()
    parser.add_argument("alerts", nargs="*")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    controls, found = unchanged(arguments.alerts), all_mutants(arguments.alerts)
    left = set(_in_parallel([*controls, *found], arguments.processes))
    if broken := [control.rule for control in controls if control not in left]:
        print(f"these cases fail without any change: {', '.join(broken)}", file=sys.stderr)
        return 2
    return _told(found, [mutant for mutant in found if mutant in left])


def _in_parallel(found: Sequence[Mutant], processes: int) -> Iterator[Mutant]:
    parts = [found[start :: len(found) // AT_ONCE + 1] for start in range(len(found) // AT_ONCE + 1)]
    with ProcessPoolExecutor(processes) as pool:
        for number, left in enumerate(pool.map(survivors, parts), 1):
            if sys.stderr.isatty():
                print(f"{number}/{len(parts)}", end="\r", file=sys.stderr, flush=True)
            yield from left


def _told(found: Sequence[Mutant], left: Sequence[Mutant]) -> int:
    """Say what survived, and why; 1 if that is not as it should be."""
    known, survived = explained(), {mutant.name for mutant in left}
    for name in sorted(survived):
        print(f"survives  {name}\n          {known.get(name, 'NO REASON')}")
    for name in (noticed := sorted(set(known) & {mutant.name for mutant in found} - survived)):
        print(f"is noticed, and explained in {SURVIVORS.name}: {name}")
    share, unexplained = 1 - len(left) / len(found), survived - set(known)
    print(f"{len(found)} mutants, {len(found) - len(left)} noticed ({share:.1%}), {len(unexplained)} unexplained")
    return int(share < WANTED or bool(unexplained) or bool(noticed))


if __name__ == "__main__":
    sys.exit(main())
