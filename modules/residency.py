"""What a stack says of itself, and what keeps it there.

The output `data_residency` is what `blueprint policies check` judges the stack by. And every resource with a place of its own
refuses to be planned outside the zone, so that nobody who runs Terraform by hand in an edited folder gets past the rule. A
postcondition on a place written in the stack is answered while planning, and never stops a destroy.
"""

from typing import Any

from blueprint.environment import AzurermState, DataClass, Environment
from blueprint.hosting import provider
from blueprint.zones import Zone
from modules import state
from modules.resources.engine import Stack

# What of an argument names the region: a Scaleway zone such as fr-par-2 is its region and a number.
REGION_OF = {"location": "self.location", "region": "self.region", "zone": 'replace(self.zone, "/-[0-9]+$/", "")'}


def declare(stack: Stack, env: Environment, data_class: DataClass | None = None) -> None:
    """Last in a stack: what it declares, and a guard on everything that has a place. `data_class` where the stack holds less strict
    data than the environment."""
    said = {**declaration(env), **({"data_class": data_class} if data_class else {})}
    stack.output("data_residency", "Where this environment's data may be, and the strictest data it holds", said)
    zone, cloud = env.data_residency.perimeter, provider(env)
    located = [block for named in stack.blocks.get("resource", {}).values() for block in named.values() if REGION_OF.keys() & block.keys()]
    if located:
        stack.local("data_residency_regions", sorted(name for name, region in cloud.regions.items() if zone.contains(region.country)))
    for block in located:
        guards = [_guard(argument, zone) for argument in REGION_OF if argument in block]
        block["lifecycle"] = {**block.get("lifecycle", {}), "postcondition": guards}


def declaration(env: Environment) -> dict[str, Any]:
    """Zone, strictest class, what was signed and when, and where the state lies."""
    said = env.data_residency
    where = {"region": env.state.region or env.cluster.region}
    if isinstance(env.state, AzurermState):
        where["storage_account"] = state.azure_names(env, env.state)["storage_account_name"]
    scope = {"zone": said.zone, "data_class": said.data_class, "country": said.country or ""}
    return {**scope, "conditions": said.declared, "state": where}


def _guard(argument: str, zone: Zone) -> dict[str, str]:
    condition = f"${{contains(local.data_residency_regions, {REGION_OF[argument]})}}"
    return {"condition": condition, "error_message": f"${{self.{argument}}} is not a region of data-residency zone {zone}."}
