"""The Helm provider's one resource (helm 3.1.2)."""

from typing import ClassVar

from modules.resources.base import Ref, Resource, Text

SOURCE = "hashicorp/helm"
VERSION = "3.1.2"


class Release(Resource):
    """A chart at a pinned version. A failed first install is removed again, so that the next apply starts clean."""

    terraform_type: ClassVar[str] = "helm_release"

    name: Text
    namespace: Text
    chart: Text
    version: str | None = None
    values: list[Ref] = []
    create_namespace: bool = False
    atomic: bool = True
    wait: bool = True
    timeout: int = 900
    max_history: int = 5
