"""Databases are backed up, and backups cannot be deleted in one call.

Availability is part of Art. 32: what is lost without a copy is a breach as well.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, rule
from blueprint.settings import Setting, judged, settings, types_of

NO_COPY = "what is lost is lost"
DELETED = "whoever gets in deletes the backups, too"
SETTINGS = settings(
    Setting("scaleway_rdb_instance", "disable_backup", ("true",), "false", NO_COPY),
    Setting("azurerm_*_flexible_server", "backup_retention_days", ("[0-6]",), "7 days or more", NO_COPY),
    Setting("azurerm_recovery_services_vault", "soft_delete_enabled", ("false",), "true", DELETED),
    Setting("azurerm_data_protection_backup_vault", "soft_delete", ("Off",), "On or AlwaysOn", DELETED),
    Setting("aws_db_instance", "backup_retention_period", ("[0-6]",), "7 days or more", NO_COPY),
    Setting("aws_rds_cluster", "backup_retention_period", ("[0-6]",), "7 days or more", NO_COPY),
    Setting("google_sql_database_instance", "settings.backup_configuration.enabled", ("false",), "true", NO_COPY),
)


@rule(
    "R21",
    "databases are backed up",
    looks_at=types_of(SETTINGS),
    basis="Art. 32(1)(b)(c) GDPR; Art. 11, 12 DORA",
    controls=["C5:2020 OPS-06", "C5:2020 OPS-07", "C5:2020 OPS-08", "ISO 27001:2022 8.13", "NIST 800-53r5 CP-9"],
    severity="MEDIUM",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Backups that are written off."""
    if scope.regulated:
        yield from judged(resource, SETTINGS)
