"""Where data lies: object storage, PostgreSQL, images and hosted models."""

from typing import ClassVar, Literal

from modules.resources.base import Block, DataSource, Ref, Resource
from modules.resources.scaleway.base import Regional


class Versioning(Block):
    enabled: bool = True


class NoncurrentExpiration(Block):
    noncurrent_days: int


class LifecycleRule(Block):
    """Old versions and abandoned uploads go. Nothing moves to Glacier, which lies in Paris whatever the bucket's region."""

    id: str
    enabled: bool = True
    abort_incomplete_multipart_upload_days: int = 7
    noncurrent_version_expiration: NoncurrentExpiration


class Bucket(Regional):
    """Private (the provider's default ACL) and versioned. Object lock can only be switched on when a bucket is created."""

    terraform_type: ClassVar[str] = "scaleway_object_bucket"

    object_lock_enabled: bool
    versioning: Versioning = Versioning()
    lifecycle_rule: list[LifecycleRule]
    tags: dict[str, str]


class DefaultEncryption(Block):
    sse_algorithm: Literal["aws:kms"] = "aws:kms"
    kms_master_key_id: Ref


class EncryptionRule(Block):
    apply_server_side_encryption_by_default: DefaultEncryption
    bucket_key_enabled: bool = True


class BucketEncryption(Resource):
    terraform_type: ClassVar[str] = "scaleway_object_bucket_server_side_encryption_configuration"

    bucket: Ref
    region: str
    project_id: str
    rule: list[EncryptionRule]


class Retention(Block):
    mode: Literal["GOVERNANCE"] = "GOVERNANCE"
    days: int


class LockRule(Block):
    default_retention: Retention


class BucketLock(Resource):
    """Versions that nobody deletes by accident. GOVERNANCE: who has a special permission still can."""

    terraform_type: ClassVar[str] = "scaleway_object_bucket_lock_configuration"

    bucket: Ref
    region: str
    project_id: str
    rule: LockRule


class DatabaseNetwork(Block):
    pn_id: Ref
    enable_ipam: bool = True


class DatabaseInstance(Regional):
    """PostgreSQL in the private network only: without a `load_balancer` block it has no public address. The password is
    write-only, backups stay in the region."""

    terraform_type: ClassVar[str] = "scaleway_rdb_instance"

    node_type: str
    engine: Literal["PostgreSQL-16"] = "PostgreSQL-16"
    is_ha_cluster: bool
    user_name: str
    password_wo: Ref
    password_wo_version: int = 1
    encryption_at_rest: bool = True
    volume_type: Literal["sbs_5k"] = "sbs_5k"
    volume_size_in_gb: int = 20
    disable_backup: bool = False
    backup_same_region: bool = True
    backup_schedule_frequency: int = 24
    backup_schedule_retention: int = 35
    private_network: DatabaseNetwork
    tags: list[str]


class DatabaseOnInstance(Resource):
    terraform_type: ClassVar[str] = "scaleway_rdb_database"

    instance_id: Ref
    region: str
    name: str


class DatabasePrivilege(Resource):
    terraform_type: ClassVar[str] = "scaleway_rdb_privilege"

    instance_id: Ref
    region: str
    user_name: str
    database_name: Ref
    permission: Literal["all"] = "all"


class RegistryNamespace(Regional):
    terraform_type: ClassVar[str] = "scaleway_registry_namespace"

    is_public: bool = False


class InferenceModel(DataSource):
    """A model of Scaleway's own catalogue, by its full name."""

    terraform_type: ClassVar[str] = "scaleway_inference_model"

    name: str


class PublicEndpoint(Block):
    """Reached with an API key only."""

    is_enabled: bool = True
    disable_auth: bool = False


class InferenceDeployment(Regional):
    terraform_type: ClassVar[str] = "scaleway_inference_deployment"

    model_id: Ref
    node_type: str
    min_size: int = 1
    max_size: int = 1
    accept_eula: bool = True
    public_endpoint: PublicEndpoint = PublicEndpoint()
    tags: list[str]
