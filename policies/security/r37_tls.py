"""Every service speaks TLS 1.2 or newer.

Older versions and plain ports are still one attribute away: data on its way can then be read, or changed, by whoever is on the path.
What the cluster's own traffic needs is rule R16's.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, rule
from blueprint.settings import Setting, judged, settings, types_of

OLD = ("TLS1_0", "TLS1_1", "1.0", "1.1", "TLS10", "TLS11", "TLS1.0", "TLS1.1", "Tls10", "Tls11", "Disabled", "SSL*", "TLSv1", "TLSv1.1")
WEAK = "older versions of TLS can be broken on the path"
PLAIN = "it can be spoken to without encryption"
VERSIONS = (
    "min_tls_version",
    "minimum_tls_version",
    "minimal_tls_version",
    "tls_min_version",
    "site_config.minimum_tls_version",
    "ssl_minimal_tls_version_enforced",
)
SETTINGS = settings(
    *(Setting("azurerm_*", path, OLD, "TLS 1.2 or newer", WEAK) for path in VERSIONS),
    Setting("azurerm_application_gateway", "ssl_policy.min_protocol_version", ("TLSv1_0", "TLSv1_1"), "TLSv1_2 or newer", WEAK),
    Setting("azurerm_storage_account", "https_traffic_only_enabled", ("false",), "true", PLAIN),
    Setting("azurerm_redis_cache", "non_ssl_port_enabled", ("true",), "false", PLAIN),
    Setting("azurerm_managed_redis", "default_database.client_protocol", ("Plaintext",), "Encrypted", PLAIN),
    Setting("azurerm_*_web_app", "https_only", ("false",), "true", PLAIN),
    Setting("azurerm_*_function_app", "https_only", ("false",), "true", PLAIN),
    Setting("azurerm_container_app", "ingress.allow_insecure_connections", ("true",), "false", PLAIN),
    Setting("scaleway_redis_cluster", "tls_enabled", ("false",), "true", PLAIN),
    Setting("scaleway_lb*", "ssl_compatibility_level", ("ssl_compatibility_level_old",), "ssl_compatibility_level_intermediate", WEAK),
    Setting("aws_elasticache_replication_group", "transit_encryption_enabled", ("false",), "true", PLAIN),
)


@rule(
    "R37",
    "cloud services speak TLS 1.2 or newer only",
    looks_at=types_of(SETTINGS),
    basis="Art. 32 GDPR",
    controls=["C5:2020 CRY-02", "ISO 27001:2022 8.24", "NIST 800-53r5 SC-8"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Versions and plain ports that are written."""
    if scope.regulated:
        yield from judged(resource, SETTINGS)
