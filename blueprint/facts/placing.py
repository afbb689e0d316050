"""A plan put in the place of the stack it was made from: the plan knows values, the stack knows where they were written."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from blueprint.facts.configuration import without_keys
from blueprint.facts.model import Facts, Resource
from blueprint.facts.values import Unknown


def put_in_place(stacks: list[Facts], plan: Facts) -> list[Facts]:
    """The stacks, the one the plan belongs to with the plan's values; a plan of none of them is facts of its own."""
    mine = {resource.address for resource in plan.resources}
    shared = {index: len(mine & stack.by_address.keys()) for index, stack in enumerate(stacks)}
    best = max(shared, key=lambda index: shared[index], default=None)
    if best is None or not shared[best]:
        return [*stacks, plan]
    return [_joined(stack, plan) if index == best else stack for index, stack in enumerate(stacks)]


def _joined(stack: Facts, plan: Facts) -> Facts:
    """Values of the plan; what a plan does not hold (constructs, backend, files, data sources read before) of the stack."""
    found = [_placed(resource, stack) for resource in plan.resources]
    planned = {resource.address for resource in found}
    rest = [resource for resource in stack.resources if resource.address not in planned and not _managed(resource)]
    declaration = plan.declaration if plan.declaration.zone or plan.declaration.data_class else stack.declaration
    return replace(
        plan,
        name=stack.name,
        resources=(*found, *rest),
        declaration=declaration,
        problems=(*stack.problems, *plan.problems),
    )


def _managed(resource: Resource) -> bool:
    """Whether a resource of a stack would be in its plan."""
    elsewhere = ("backend.", "provider.", "data.", "ephemeral.", "k8s.")
    others = ("terraform", "file", "pipeline", "setting", "variable", "output", "module", "import", "moved", "removed", "check", "action")
    return not resource.type.startswith(elsewhere) and resource.type not in others


def _placed(resource: Resource, stack: Facts) -> Resource:
    written = stack.by_address.get(resource.address) or stack.by_address.get(without_keys(resource.address))
    if written is None:
        return resource
    return replace(
        resource,
        attributes=_explained(resource.attributes, written.attributes),
        written=written.written,
        construct=written.construct,
        file=written.file,
        provider=written.provider or resource.provider,
        overridden=written.overridden,
        origins={**resource.origins, **written.origins},
    )


def _explained(value: Any, written: Any) -> Any:
    """Unknowns of the plan with the references and the known text that the stack's expressions have."""
    if isinstance(value, Unknown):
        return Unknown(value.reason, written.references or value.references, written.text) if isinstance(written, Unknown) else value
    if isinstance(value, Mapping):
        inside = written if isinstance(written, Mapping) else written[0] if _is_one_block(written) else {}
        kept = {"lifecycle": inside["lifecycle"]} if "lifecycle" in inside else {}
        return {**kept, **{key: _explained(item, inside.get(key)) for key, item in value.items()}}
    if isinstance(value, list):
        parts = written if isinstance(written, list) else [written] * len(value)
        return [_explained(item, parts[index] if index < len(parts) else None) for index, item in enumerate(value)]
    return value


def _is_one_block(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping)
