"""A plan of many resources, as `terraform show -json` writes one."""

from typing import Any

Json = dict[str, Any]
GROUP = {"name": "rg", "location": "westeurope", "tags": {"environment": "bench"}}
ACCOUNT = {
    "resource_group_name": "rg",
    "location": "westeurope",
    "account_tier": "Standard",
    "account_replication_type": "ZRS",
    "min_tls_version": "TLS1_2",
    "tags": {"environment": "bench"},
}
SECRET = {"key_vault_id": "${azurerm_key_vault.main.id}", "value_wo_version": 1}


def plan(resources: int) -> Json:
    """Storage accounts in a group; a third of them are networks instead."""
    found = [_resource("azurerm_resource_group", "main", GROUP)]
    for index in range(resources - 1):
        if index % 3:
            found.append(_resource("azurerm_storage_account", f"a{index}", {**ACCOUNT, "name": f"acct{index}"}))
        else:
            network = {"name": f"n{index}", "resource_group_name": "rg", "location": "westeurope", "address_space": ["10.0.0.0/16"]}
            found.append(_resource("azurerm_virtual_network", f"n{index}", network))
    changes = [
        {**one, "change": {"actions": ["create"], "before": None, "after": one["values"], "after_unknown": {"id": True}}} for one in found
    ]
    blocks = [{"address": one["address"], "mode": "managed", "type": one["type"], "name": one["name"]} for one in found]
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": found}},
        "resource_changes": [{key: value for key, value in change.items() if key != "values"} for change in changes],
        "configuration": {"root_module": {"resources": blocks}},
    }


def _resource(type: str, name: str, values: Json) -> Json:
    provider = "registry.terraform.io/hashicorp/azurerm"
    address = {"address": f"{type}.{name}", "mode": "managed", "type": type, "name": name, "provider_name": provider}
    return {**address, "schema_version": 0, "values": values, "sensitive_values": {}}
