"""Our evaluator without checkov, once, in a process that has read the tables and nothing else: `python -m benchmarks.policies.alone PATH`.

Prints the seconds of processor and wall time for reading and for judging as JSON. A second round in the same process would find the
texts of the first remembered.
"""

import json
import sys
import time
from pathlib import Path

from blueprint.facts import Facts
from blueprint.facts.lazy import no_collection
from blueprint.facts.reading import read
from blueprint.policy.checkov import CANARY
from blueprint.policy.declared import Options, scope_of
from blueprint.policy.evaluation import judge
from blueprint.policy.registry import rules

SCOPE = Options("eu-resident", "personal")


def main() -> None:
    _judge(read(CANARY))
    started = time.perf_counter()
    with no_collection():  # as `check` does
        facts = read(Path(sys.argv[1]))
        between = time.perf_counter()
        _judge(facts)
    print(json.dumps({"read": between - started, "judge": time.perf_counter() - between}))


def _judge(found: list[Facts]) -> None:
    for facts in found:
        judge(facts, scope_of(facts, Options() if facts.declaration.zone else SCOPE), rules())


if __name__ == "__main__":
    main()
