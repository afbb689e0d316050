"""Azure resources the blueprint creates: the arguments we use, under the provider's own names (azurerm 5.2.0).

Version 5 registers no resource providers by itself: `RESOURCE_PROVIDERS` are the ones these resources need.
"""

SOURCE = "hashicorp/azurerm"
VERSION = "5.2.0"

RESOURCE_PROVIDERS = [
    f"Microsoft.{name}"
    for name in (
        "CognitiveServices",
        "Compute",
        "Consumption",
        "ContainerRegistry",
        "ContainerService",
        "DBforPostgreSQL",
        "Insights",
        "KeyVault",
        "ManagedIdentity",
        "Network",
        "OperationalInsights",
        "Storage",
    )
]
