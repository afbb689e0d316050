"""A report as JUnit XML, for continuous integration: a suite per stack, a case per verdict, an error for what could not be read."""

from collections.abc import Iterable
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from blueprint.policy.report import READING, Report, Result
from blueprint.policy.verdict import Status


def render(report: Report) -> str:
    """JUnit XML as GitLab, Jenkins and GitHub's actions read it."""
    suites = Element("testsuites", name="blueprint policies")
    ordered = sorted(report.results, key=lambda result: result.stack)
    for stack, results in groupby(ordered, key=lambda result: result.stack):
        _suite(suites, stack or "waivers", list(results))
    census = SubElement(suites, "testsuite", name="census", tests=str(max(1, len(report.census.unchecked))))
    for address in report.census.unchecked:
        case = SubElement(census, "testcase", classname="census", name=_legal(address))
        SubElement(case, "error", message="no rule has an answer for this")
    census.set("errors", str(len(report.census.unchecked)))
    if not report.census.unchecked:
        SubElement(census, "testcase", classname="census", name=f"{report.census.resources} resources looked at")
    waived = SubElement(suites, "testsuite", name="waived", tests=str(len(report.waived)), skipped=str(len(report.waived)))
    for each in report.waived:
        SubElement(_case(waived, each.result), "skipped", message=_legal(f"{each.waiver['reason']}, until {each.waiver['expires']}"))
    indent(suites)
    return tostring(suites, encoding="unicode", xml_declaration=True)


def _suite(suites: Element, name: str, results: Iterable[Result]) -> None:
    suite = SubElement(suites, "testsuite", name=_legal(name))
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for result in results:
        case = _case(suite, result)
        counts["tests"] += 1
        if result.status is Status.passed:
            continue
        kind = "skipped" if not result.counts else "error" if result.rule == READING else "failure"
        counts["failures" if kind == "failure" else "errors" if kind == "error" else "skipped"] += 1
        told = SubElement(case, kind, message=_legal(result.why))
        told.text = _legal("\n".join(f"{key}: {value}" for key, value in result.as_dict().items() if value))
    for key, value in counts.items():
        suite.set(key, str(value))


def _case(suite: Element, result: Result) -> Element:
    place = f"{result.construct or result.address} {result.path}".rstrip()
    return SubElement(suite, "testcase", classname=result.rule, name=_legal(place))


def _legal(text: str) -> str:
    """Without characters XML has no place for."""
    return "".join(character for character in text if character in "\t\n\r" or (ord(character) >= 32 and character not in "\ufffe\uffff"))
