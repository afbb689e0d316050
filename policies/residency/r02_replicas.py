"""Replicas and backups stay in the zone, too.

A region says where data is first. Geo-redundancy copies it to the paired region, replicas to whatever region they name, and several
services do so unless told not to: a Recovery Services vault is geo-redundant by default, and so is the backup of a SQL database.
Scanners that ask for geo-redundancy push the wrong way; here the pair decides.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, rule
from blueprint.whereabouts import Role
from blueprint.whereabouts.verdicts import TERRAFORM, verdicts


@rule(
    "R02",
    "replicas, paired regions and backups are inside the zone",
    looks_at=TERRAFORM,
    basis="Art. 44, 32 GDPR; Art. 12 DORA",
    controls=["C5:2020 PSS-12", "C5:2020 OPS-09", "ISO 27001:2022 8.13", "ISO 27001:2022 8.14", "NIST 800-53r5 CP-6", "NIST 800-53r5 CP-9"],
    severity="CRITICAL",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every copy the resource makes, by its own words or by default."""
    yield from verdicts(resource, scope, Role.replica, Role.backup)
