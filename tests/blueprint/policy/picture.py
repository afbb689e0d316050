"""Small pictures and rules to run over them."""

from collections.abc import Iterator
from typing import Any

from blueprint.facts import Facts, Resource
from blueprint.facts.model import Declaration
from blueprint.policy import Rule, Scope, Verdict, fails, passes, rule, unresolved

PERSONAL = Scope("eu-resident", "personal")
INTERNAL = Scope("eu-resident", "internal")


def account(name: str = "a", **attributes: Any) -> Resource:
    return Resource("cloud_account", f"cloud_account.{name}", attributes, construct=f"eu-prod/{name}", file="eu-prod/cdk.tf.json")


def facts(*resources: Resource, name: str = "eu-prod", **more: Any) -> Facts:
    return Facts(name, resources, Declaration("eu-resident", "personal"), **more)


def by_color(id: str = "R99") -> Rule:
    """A rule with all three answers, one of them a mistake."""

    @rule(id, "accounts are green", looks_at=["cloud_*"], basis="Art. 5", controls=["C5 1"])
    def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
        color = resource.attributes.get("color")
        if color == "green":
            yield passes(resource, "color", color)
        elif color == "unknown":
            yield unresolved(resource, "color", "nobody can tell")
        elif color == "broken":
            raise ZeroDivisionError("division by zero")
        elif color:
            yield fails(resource, "color", color, "accounts are green by law", "green", "paint it")

    return check
