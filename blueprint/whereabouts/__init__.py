"""Where a resource's data may be: Terraform resources by the tables in `catalog/residency/types/`, Kubernetes objects by what they name."""

from blueprint.whereabouts.model import Residence, Role
from blueprint.whereabouts.terraform import whereabouts

__all__ = ["Residence", "Role", "whereabouts"]
