"""A stand-in for one Terraform provider: started by Terraform as its plugin, driven by the provider's real schemas."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blueprint.rehearsal.standin.provider import StandIn

SCHEMAS = Path(__file__).parents[1] / "schemas"


def serve(name: str, folder: str, kind: "type[StandIn] | None" = None) -> None:
    """Be the provider `name`. `folder` is a rehearsal's: it holds the certificate and what exists in the cloud. `kind` answers
    in the stand-in's place."""
    from blueprint.rehearsal.standin import wire
    from blueprint.rehearsal.standin.faults import Faults
    from blueprint.rehearsal.standin.inventory import Inventory
    from blueprint.rehearsal.standin.provider import StandIn

    schemas = json.loads((SCHEMAS / f"{name}.json").read_text())
    wire.serve((kind or StandIn)(schemas, Inventory(Path(folder, "cloud")), Faults()), Path(folder, "plugin.pem"))
