"""A provider that knows only its real schemas: it enforces them, remembers what it made, and invents the rest.

Each method answers one call of the plugin protocol (see `wire.serve`). It never opens a connection.
"""

from typing import Any

from blueprint.rehearsal.standin import planning
from blueprint.rehearsal.standin.checks import Refusal, Steps, refusals
from blueprint.rehearsal.standin.fakes import fake, identify
from blueprint.rehearsal.standin.faults import Faults
from blueprint.rehearsal.standin.inventory import Inventory
from blueprint.rehearsal.standin.values import Json, Path, decode, encode, is_unknown, schema_message, transform
from blueprint.rehearsal.standin.wire import message


class RefusedError(Exception):
    """A change the cloud does not make."""

    def __init__(self, summary: str, detail: str) -> None:
        super().__init__(summary)
        self.refusal = Refusal(summary, detail)


class StandIn:
    """Answers for one provider. `schemas` is a file of `blueprint/rehearsal/schemas/`."""

    def __init__(self, schemas: Json, inventory: Inventory, faults: Faults) -> None:
        self._schemas = schemas
        self._inventory = inventory
        self._faults = faults

    def get_provider_schema(self, request: Any) -> Any:
        """The schemas of everything it knows."""
        kinds = ("resource_schemas", "data_source_schemas", "ephemeral_resource_schemas")
        response = message("GetProviderSchema.Response")(provider=schema_message(self._schemas["provider"]))
        for kind in kinds:
            for name, schema in self._schemas[kind].items():
                getattr(response, kind)[name].CopyFrom(schema_message(schema))
        return response

    def stop_provider(self, request: Any) -> Any:
        self._faults.stop()
        return message("StopProvider.Response")()

    def validate_resource_config(self, request: Any) -> Any:
        found = refusals(self._rules(request.type_name), decode(request.config))
        return message("ValidateResourceConfig.Response")(diagnostics=[_diagnostic(refusal) for refusal in found])

    def upgrade_resource_state(self, request: Any) -> Any:
        state = message("DynamicValue")(json=request.raw_state.json)
        return message("UpgradeResourceState.Response")(upgraded_state=state)

    def read_resource(self, request: Any) -> Any:
        """What the inventory holds now: nothing, if the thing was deleted behind Terraform's back."""
        kind, state = request.type_name, decode(request.current_state)
        if self._faults.loses(kind, _label(state)):
            self.remove(kind, state)
        return message("ReadResource.Response")(new_state=encode(self.find(kind, state)), private=request.private)

    def plan_resource_change(self, request: Any) -> Any:
        proposed, prior = decode(request.proposed_new_state), decode(request.prior_state)
        block, rules = self._block(request.type_name), self._rules(request.type_name)
        expected = planning.planned(block, rules, prior, proposed)
        replaced = planning.replacements(block, rules, prior, expected) if prior is not None else ()
        # Defaults of optional arguments: the SDK of the real provider sets this flag as well.
        return message("PlanResourceChange.Response")(
            planned_state=encode(expected), requires_replace=[_path(steps) for steps in replaced], legacy_type_system=bool(rules)
        )

    def apply_resource_change(self, request: Any) -> Any:
        kind, prior, expected = request.type_name, decode(request.prior_state), decode(request.planned_state)
        self._faults.delay()
        try:
            state = self._change(kind, prior, expected, decode(request.config))
        except RefusedError as error:
            return message("ApplyResourceChange.Response")(new_state=request.prior_state, diagnostics=[_diagnostic(error.refusal)])
        return message("ApplyResourceChange.Response")(new_state=encode(state), legacy_type_system=bool(self._rules(kind)))

    def _change(self, kind: str, prior: Json | None, expected: Json | None, config: Json | None) -> Json | None:
        """Create, update or delete a thing; returns its state."""
        if self._faults.refuses(kind, _label(expected or prior or {})):
            raise RefusedError(f"the stand-in for {kind} was told to fail", "STANDIN_FAIL_APPLY is set; unset it and apply again.")
        if expected is None:
            self.remove(kind, prior or {})
            return None
        state = self._complete(kind, self._block(kind), expected)
        if prior is None and self.find(kind, state) is not None:
            raise RefusedError(f'A resource with the ID "{state["id"]}" already exists', "Import it into the state or remove it first.")
        return self.make(kind, prior, state, config or {})

    def find(self, kind: str, state: Json) -> Json | None:
        """A thing as it exists now."""
        return self._inventory.get(kind, state["id"])

    def make(self, kind: str, prior: Json | None, state: Json, config: Json) -> Json:
        """Create or change a thing; returns its state. Only `config` holds write-only values."""
        self._inventory.put(kind, state["id"], state)
        return state

    def remove(self, kind: str, state: Json) -> None:
        self._inventory.remove(kind, state["id"])

    def read_data_source(self, request: Any) -> Any:
        block = self._schemas["data_source_schemas"][request.type_name]["block"]
        return message("ReadDataSource.Response")(state=encode(self._invent(request.type_name, block, decode(request.config))))

    def open_ephemeral_resource(self, request: Any) -> Any:
        block = self._schemas["ephemeral_resource_schemas"][request.type_name]["block"]
        return message("OpenEphemeralResource.Response")(result=encode(self._invent(request.type_name, block, decode(request.config))))

    def _block(self, kind: str) -> Json:
        block: Json = self._schemas["resource_schemas"][kind]["block"]
        return block

    def _rules(self, kind: str) -> Json:
        rules: Json = self._schemas["rules"].get(kind, {})
        return rules

    def _invent(self, kind: str, block: Json, config: Json) -> Json:
        """Something read: its configuration, and fakes for all it does not say."""
        return self._complete(kind, block, planning.planned(block, {}, None, config))

    def _complete(self, kind: str, block: Json, expected: Json) -> Json:
        """The state after apply: every unknown made known."""
        identity = expected.get("id")
        owner = identify(kind, expected, block) if identity is None or is_unknown(identity) else identity

        def known(path: Path, attribute: Json, value: Any) -> Any:
            if not is_unknown(value):
                return value
            return owner if path == ("id",) else fake(path, attribute, owner)

        state: Json = transform(block, expected, known)
        return state


def _label(state: Json) -> str:
    return str(state.get("name") or state["id"])


def _path(steps: Steps) -> Any:
    kinds = {str: "attribute_name", int: "element_key_int"}
    return message("AttributePath")(steps=[message("AttributePath.Step")(**{kinds[type(step)]: step}) for step in steps])


def _diagnostic(refusal: Refusal) -> Any:
    where = {"attribute": _path(refusal.steps)} if refusal.steps else {}
    return message("Diagnostic")(severity=1, summary=refusal.summary, detail=refusal.detail, **where)
