"""Labels that name a data class or a zone say what is true.

An inventory is made of labels. A database labelled `special` in a stack judged for personal data, or labelled with a wider zone, is
either in the wrong stack or wrongly labelled; both mislead whoever relies on it.
"""

import re
from collections.abc import Iterator

from blueprint.facts import Found, Resource
from blueprint.policy import Scope, Verdict, fails, passes, rule
from blueprint.policy.scope import CLASSES
from blueprint.whereabouts.home import flat
from blueprint.whereabouts.verdicts import OTHERS
from blueprint.zones import ZONES

CLASS, ZONE = re.compile(r"(?i)^data[-_]?class(ification)?$"), re.compile(r"(?i)^(data[-_]?residency|residency[-_]?zone)$")


@rule(
    "R25",
    "labels of data class and zone are true",
    looks_at=["*_*"],
    basis="Art. 5(2), 30 GDPR; Art. 8 DORA",
    controls=["C5:2020 AM-01", "C5:2020 AM-06", "ISO 27001:2022 5.9", "ISO 27001:2022 5.12", "ISO 27001:2022 5.13", "NIST 800-53r5 CM-8"],
    severity="LOW",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Tags and labels that name a class or a zone."""
    if resource.type.startswith(OTHERS):
        return
    for name, found in _labels(resource):
        value = str(found.value)
        if CLASS.match(name) and value in CLASSES and CLASSES.index(value) > CLASSES.index(scope.data_class):
            why = f"the stack is judged for {scope.data_class} data, which is less strict"
            yield fails(resource, found.path, value, why, scope.data_class, "move it, label it right, or judge the stack for that class")
        elif ZONE.match(name) and value in ZONES and ZONES.index(value) > ZONES.index(scope.zone_name):
            why = f"the stack promises {scope.zone_name}"
            yield fails(resource, found.path, value, why, scope.zone_name, "move it, or label it right")
        elif CLASS.match(name) or ZONE.match(name):
            yield passes(resource, found.path, value)


def _labels(resource: Resource) -> Iterator[tuple[str, Found]]:
    """Tags by name, whether written as a map or as Scaleway's list of `name=value`."""
    for attribute in ("tags", "labels"):
        value = resource.attributes.get(attribute)
        if isinstance(value, dict):
            yield from ((name, Found(f"{attribute}.{name}", item)) for name, item in value.items())
        elif value is not None:
            for found in flat(Found(attribute, value)):
                name, equals, said = str(found.value).partition("=")
                if equals:
                    yield name, Found(found.path, said)
