"""Software does not report to its makers.

Engines, trackers and dashboards send statistics abroad unless they are told not to: which models run where, how much, sometimes
whose mail address. Each known program needs its switch; who is known, what is sent and what stops it stands in
catalog/residency/telemetry.yaml.
"""

from collections.abc import Iterator

from blueprint import usage_reports
from blueprint.facts import Resource, Unknown
from blueprint.kubernetes import all_containers
from blueprint.policy import Scope, Status, Verdict, fails, passes, rule, unresolved


@rule(
    "R54",
    "software does not report to its makers",
    looks_at=["k8s.*", "helm_release"],
    basis="Art. 5(1)(c), 25, 44 GDPR",
    controls=["C5:2020 OPS-12", "ISO 27001:2022 5.34", "CADA L2 telemetry"],
    severity="MEDIUM",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Containers by their image, releases by their chart, and switches that are set wherever they stand."""
    if not scope.regulated:
        return
    found = list(_release(resource) if resource.type == "helm_release" else _workload(resource))
    yield from found or [passes(resource)]
    if all(verdict.status is Status.passed for verdict in found):
        for switch, allowed in usage_reports.switched_on(resource):
            yield fails(resource, switch.path, switch.value, "a program is told to report to its makers", allowed, f"set {allowed}")


def _workload(workload: Resource) -> Iterator[Verdict]:
    for container in all_containers(workload):
        for name, entry in usage_reports.software(image=str(container.spec.get("image", ""))):
            for item in entry["switches"]:
                off = usage_reports.off_in_container(item, container, workload)
                yield _verdict(workload, container.path, name, entry["sends"], usage_reports.spelled(item), off)


def _release(release: Resource) -> Iterator[Verdict]:
    chart = str(release.first("chart") or "").rstrip("/").rpartition("/")[2]
    for name, entry in usage_reports.software(chart=chart):
        for item in entry["switches"] if not usage_reports.is_absent(entry, release) else ():
            off = usage_reports.off_in_values(item, release)
            yield _verdict(release, "values", name, entry["sends"], usage_reports.spelled(item), off)


def _verdict(resource: Resource, path: str, name: str, sends: str, allowed: str, off: bool | Unknown) -> Verdict:
    if isinstance(off, Unknown):
        return unresolved(resource, path, off, allowed)
    if off:
        return passes(resource, path, allowed)
    return fails(resource, path, f"{name} as it comes", f"{name} sends {sends}", allowed, f"set {allowed}")
