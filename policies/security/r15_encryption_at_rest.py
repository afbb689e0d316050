"""Data at rest is encrypted, and its keys cannot be destroyed by accident.

Clouds encrypt by default, several services only when asked. What is written down as unencrypted is refused, and so are vaults that
let go of a key, and all it encrypts, in one call.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, rule
from blueprint.settings import Setting, judged, settings, types_of

CLEAR = "what is stored can be read by whoever gets hold of the disk"
LOST = "a deleted key takes all it encrypts with it"
OFF = ("false",)
SETTINGS = settings(
    Setting("azurerm_kubernetes_cluster*", "host_encryption_enabled", OFF, "true", CLEAR),
    Setting("azurerm_kubernetes_cluster", "default_node_pool.host_encryption_enabled", OFF, "true", CLEAR),
    Setting("azurerm_storage_account", "infrastructure_encryption_enabled", OFF, "true", CLEAR),
    Setting("azurerm_*_virtual_machine*", "encryption_at_host_enabled", OFF, "true", CLEAR),
    Setting("azurerm_managed_disk", "encryption_settings.enabled", OFF, "true", CLEAR),
    Setting("azurerm_mssql_database", "transparent_data_encryption_enabled", OFF, "true", CLEAR),
    Setting("azurerm_key_vault", "purge_protection_enabled", OFF, "true", LOST),
    Setting("azurerm_key_vault_managed_hardware_security_module", "purge_protection_enabled", OFF, "true", LOST),
    Setting("scaleway_rdb_instance", "encryption_at_rest", OFF, "true", CLEAR),
    Setting("scaleway_key_manager_key", "unprotected", ("true",), "false", LOST),
    Setting("aws_ebs_volume", "encrypted", OFF, "true", CLEAR),
    Setting("aws_db_instance", "storage_encrypted", OFF, "true", CLEAR),
    Setting("aws_rds_cluster", "storage_encrypted", OFF, "true", CLEAR),
    Setting("aws_efs_file_system", "encrypted", OFF, "true", CLEAR),
    Setting("aws_elasticache_replication_group", "at_rest_encryption_enabled", OFF, "true", CLEAR),
)


@rule(
    "R15",
    "data at rest is encrypted",
    looks_at=types_of(SETTINGS),
    basis="Art. 32 GDPR; Art. 9(4) DORA",
    controls=["C5:2020 CRY-03", "C5:2020 CRY-04", "ISO 27001:2022 8.24", "NIST 800-53r5 SC-28", "CIS AKS 5.3.1"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Encryption that is written off."""
    if scope.regulated:
        yield from judged(resource, SETTINGS)
