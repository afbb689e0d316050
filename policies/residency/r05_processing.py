"""Prompts and data are processed inside the zone.

An account in Sweden does not keep prompts in Sweden: the deployment's SKU decides where they are processed. `Global*` may use any
Azure region, `DataZone*` any member state from an account in one, `Standard` and `ProvisionedManaged` the account's region. The same
holds for gateways with units elsewhere, back ends, pipelines and clusters that take nodes of any country. GDPR Art. 44; Microsoft,
deployment types of Azure OpenAI.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, rule
from blueprint.whereabouts import Role
from blueprint.whereabouts.verdicts import TERRAFORM, verdicts


@rule(
    "R05",
    "prompts and data are processed inside the zone",
    looks_at=TERRAFORM,
    basis="Art. 44 GDPR; Art. 26 AI Act",
    controls=["C5:2020 PSS-12", "ISO 27001:2022 5.23", "NIST 800-53r5 SA-9(5)"],
    severity="CRITICAL",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every place that works on the data without keeping it."""
    yield from verdicts(resource, scope, Role.processing)
