"""Azure resources the blueprint creates: the arguments we use, under the provider's own names (azurerm 5.2.0)."""

SOURCE = "hashicorp/azurerm"
VERSION = "5.2.0"
