"""A report for people: the verdict first, then each failure with what to do about it, then what was looked at."""

from collections import Counter
from collections.abc import Iterator

from blueprint.policy.report import Report, Result, Waived
from blueprint.policy.verdict import Status


def render(report: Report) -> str:
    """All of a report that a person needs; what passed is counted, not listed."""
    lines = [*_head(report)]
    for result in report.failures:
        lines += ["", *_told(result)]
    lines += [line for result in _open(report) for line in ("", *_told(result))]
    if report.census.unchecked:
        lines += ["", "no rule has an answer for:", *(f"    {address}" for address in report.census.unchecked)]
    if report.waived:
        lines += ["", "waived:", *(f"    {_waived(each)}" for each in report.waived)]
    return "\n".join(map(_printable, [*lines, "", *_tail(report)]))


def _head(report: Report) -> Iterator[str]:
    count = len(report.failures) + len(report.census.unchecked)
    yield "data stays where it may be" if report.ok else f"refused: {count} {'finding' if count == 1 else 'findings'}"
    yield from (f"    {stack}: {scope}" for stack, scope in report.scopes.items())


def _told(result: Result) -> Iterator[str]:
    place = result.construct or result.address
    yield f"{result.status} {result.rule}  {place}  {result.path}".rstrip()
    if result.construct:
        yield f"    at       {result.address}"
    why = f"{result.why} ({result.basis})" if result.basis else result.why
    for label, text in (("found", result.found), ("allowed", result.allowed), ("why", why), ("next", result.next), ("file", result.file)):
        if text:
            yield f"    {label:<8} {text}"


def _open(report: Report) -> list[Result]:
    """What nobody can tell, where data is not personal: said, not counted."""
    return [result for result in report.results if result.status is Status.unresolved and not result.counts]


def _waived(waived: Waived) -> str:
    result, said = waived.result, waived.waiver
    until = f"{said['owner']}, approved by {said['approver']}, until {said['expires']}"
    return f"{result.rule}  {result.construct or result.address}: {said['reason']} ({until})"


def _tail(report: Report) -> Iterator[str]:
    by_status = Counter(result.status for result in report.results)
    counts = [f"{by_status[status]} {status}" for status in Status]
    yield f"{len(report.rules)} rules, {report.census.resources} resources: {', '.join(counts)}, {len(report.waived)} waived"


def _printable(line: str) -> str:
    """No line of a file under review moves a terminal's cursor."""
    return "".join(character if character.isprintable() else "�" for character in line)
