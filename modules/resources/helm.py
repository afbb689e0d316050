"""The Helm provider's one resource (helm 3.1.2)."""

from typing import ClassVar

from modules.resources.base import Ref, Resource, Text

SOURCE = "hashicorp/helm"
VERSION = "3.1.2"


class Release(Resource):
    """A chart at a pinned version. A failed first install is removed again, so that the next apply starts clean. `set_wo` are
    values in neither plan nor state: a `name` (a path such as `a.b`) and a `value`, whose commas would need a backslash."""

    terraform_type: ClassVar[str] = "helm_release"

    name: Text
    namespace: Text
    chart: Text
    version: str | None = None
    values: list[Ref] = []
    set_wo: list[dict[str, Text]] | None = None
    set_wo_revision: int | None = None
    reuse_values: bool | None = None
    create_namespace: bool = False
    atomic: bool = True
    wait: bool = True
    timeout: int = 900
    max_history: int = 5
