"""Believable values for what a real cloud would answer: the same each time, and nowhere reachable.

Names end in `.invalid` (RFC 2606), addresses lie in 192.0.2.0/24 (RFC 5737); ids follow Azure's shape with the provider
namespace `Microsoft.StandIn`, or Scaleway's (`<region>/<uuid>`).
"""

import base64
import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from blueprint.rehearsal.standin.values import Json

SUBSCRIPTION = "00000000-0000-4000-8000-000000000000"
NO_PARENT = ("resource_group_name", "sku_name")
ONE_FOR_ALL = {"subscription_id": SUBSCRIPTION, "tenant_id": "00000000-0000-4000-8000-000000000001"}
BASE64_ENDINGS = ("certificate", "_key", "_data", "_cert", "_raw_key")
UUID_ENDINGS = ("principal_id", "client_id", "object_id", "workspace_id", "unique_id", "uuid", "guid")


def identify(kind: str, values: Json, block: Json) -> str:
    """The id a thing gets when it is created: unique, and the same for the same arguments."""
    known = {name: value for name, value in values.items() if isinstance(value, str)}
    name = known.get("name") or str(uuid5(NAMESPACE_URL, f"{kind} {json.dumps(values, default=str, sort_keys=True)}"))
    if kind.startswith("scaleway_") and (place := known.get("zone") or known.get("region")):
        return f"{place}/{uuid5(NAMESPACE_URL, f'{kind} {name}')}"
    if not kind.startswith("azurerm_"):
        return f"{known['namespace']}/{name}" if "namespace" in known else name
    if kind == "azurerm_resource_group":
        return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"
    required = [known[key] for key, attribute in block["attributes"].items() if attribute.get("required") and key in known]
    parents = [value for value in required if value.startswith("/subscriptions/")]
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{known['resource_group_name']}" if "resource_group_name" in known else ""
    parent = parents[0] if parents else f"{group or f'/subscriptions/{SUBSCRIPTION}'}/providers/Microsoft.StandIn"
    between = [known[key] for key in known if key.endswith("_name") and key not in NO_PARENT and block["attributes"][key].get("required")]
    return "/".join([parent, *between, kind.removeprefix("azurerm_"), name])


def fake(path: tuple[str, ...], attribute: Json, owner: str) -> Any:
    """A value for an attribute the cloud decides."""
    if nested := attribute.get("nested_type"):
        one = {name: fake((*path, name), inner, owner) for name, inner in nested["attributes"].items()}
        return one if nested["nesting_mode"] == "single" else {} if nested["nesting_mode"] == "map" else [one]
    return _of_type(path, attribute["type"], owner, decided_by_cloud=not attribute.get("optional"))


def _of_type(path: tuple[str, ...], kind: Any, owner: str, decided_by_cloud: bool) -> Any:
    match kind:
        case "string":
            return _text(path, owner)
        case "number":
            return 0
        case "bool":
            return False
        case ["list" | "set", inner]:
            return [_of_type(path, inner, owner, decided_by_cloud)] if decided_by_cloud else []
        case ["object", attributes]:
            return {name: _of_type((*path, name), inner, owner, decided_by_cloud) for name, inner in attributes.items()}
        case ["map", _]:
            return {}
    raise ValueError(f"the stand-ins have no value of type {kind} for {'.'.join(path)}")


def _text(path: tuple[str, ...], owner: str) -> str:
    name, host = path[-1], uuid5(NAMESPACE_URL, owner).hex[:12]
    if name in ONE_FOR_ALL:
        return ONE_FOR_ALL[name]
    if name.endswith(UUID_ENDINGS):
        return str(uuid5(NAMESPACE_URL, f"{owner} {path}"))
    if name.endswith(BASE64_ENDINGS):
        return base64.b64encode(f"stand-in {name} {host}".encode()).decode()
    if name.endswith(("_url", "_uri", "endpoint", "issuer")) or name == "host":
        return f"https://{host}.standin.invalid/"
    if name.endswith(("fqdn", "_server", "hostname", "_domain", "_host")):
        return f"{host}.standin.invalid"
    if name.endswith(("ip_address", "_ip")):
        return f"192.0.2.{1 + int(host, 16) % 254}"
    return f"stand-in-{name.replace('_', '-')}"
