"""The resource providers an environment on Azure needs: azurerm 5 registers none by itself, and preflight asks for them."""

RESOURCE_PROVIDERS = tuple(
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
)
