"""Who may do what, keys and secrets."""

from typing import ClassVar, Literal

from modules.resources.base import Block, Ephemeral, Ref, Resource, Text
from modules.resources.scaleway.base import Regional


class Application(Resource):
    """Something that acts in the cloud without being a person."""

    terraform_type: ClassVar[str] = "scaleway_iam_application"

    name: str
    description: str
    tags: list[str]


class Rule(Block):
    project_ids: list[str]
    permission_set_names: list[str]
    condition: Text | None = None


class Policy(Resource):
    terraform_type: ClassVar[str] = "scaleway_iam_policy"

    name: str
    description: str
    application_id: Ref
    rule: list[Rule]
    tags: list[str]


class ApiKey(Resource):
    """An application's key. Its secret half is in the state: the provider has no write-only form of it."""

    terraform_type: ClassVar[str] = "scaleway_iam_api_key"

    application_id: Ref
    description: str
    default_project_id: str
    expires_at: str


class RotationPolicy(Block):
    rotation_period: str = "8760h"


class Key(Regional):
    """A key that never leaves Key Manager and cannot be deleted while it is protected."""

    terraform_type: ClassVar[str] = "scaleway_key_manager_key"

    usage: Literal["symmetric_encryption"] = "symmetric_encryption"
    algorithm: Literal["aes_256_gcm"] = "aes_256_gcm"
    unprotected: bool
    rotation_policy: RotationPolicy = RotationPolicy()
    tags: list[str]


class Secret(Regional):
    terraform_type: ClassVar[str] = "scaleway_secret"

    description: str
    protected: bool
    tags: list[str]


class SecretVersion(Resource):
    """A secret's value: written once per `data_wo_version`, in neither plan nor state."""

    terraform_type: ClassVar[str] = "scaleway_secret_version"

    secret_id: Ref
    region: str
    data_wo: Ref
    data_wo_version: int


class EphemeralSecretVersion(Ephemeral):
    """A secret read at plan and apply, kept in neither."""

    terraform_type: ClassVar[str] = "scaleway_secret_version"

    secret_id: Ref
    region: str
    revision: Literal["latest"] = "latest"
