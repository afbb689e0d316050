"""Object storage for model weights and MLflow artifacts: private, versioned, encrypted with the environment's key.

Its address is public (Scaleway has no private one); keys decide who gets in. IAM tells projects apart, not buckets: the weights'
reader could read MLflow's artifacts too.
"""

from blueprint.environment import Environment
from modules.resources.engine import Added, Part
from modules.resources.scaleway.data import (
    Bucket,
    BucketEncryption,
    BucketLock,
    DefaultEncryption,
    EncryptionRule,
    LifecycleRule,
    LockRule,
    NoncurrentExpiration,
    Retention,
)
from modules.scaleway.base import ScalewayPart
from modules.scaleway.vault import Vault

OLD_VERSIONS_DAYS = 30
# Weights are written once and checked by hash; a version that is replaced by mistake stays for a month.
LOCKED_DAYS = 30


class Storage(ScalewayPart):
    """Two buckets. Object lock holds on weights; MLflow deletes what its users delete."""

    def __init__(self, scope: Part, env: Environment, vault: Vault) -> None:
        super().__init__(scope, "storage", env)
        self.endpoint = f"https://s3.{self.cluster.region}.scw.cloud"
        self.weights = self._bucket("weights", vault, locked=True)
        self.artifacts = self._bucket("mlflow", vault, locked=False)

    def _bucket(self, purpose: str, vault: Vault, *, locked: bool) -> str:
        """Creates a bucket; returns its name."""
        name = f"{self.env.organisation}-{self.named(purpose)}"  # unique among all buckets of all customers
        tidy = LifecycleRule(id="old-versions", noncurrent_version_expiration=NoncurrentExpiration(noncurrent_days=OLD_VERSIONS_DAYS))
        bucket = self.add(purpose, Bucket(**self.regional(name), object_lock_enabled=locked, lifecycle_rule=[tidy], tags=self.labels))
        self._encrypt(purpose, bucket, vault)
        if locked:
            self._lock(purpose, bucket)
        return name

    def _encrypt(self, purpose: str, bucket: Added[Bucket], vault: Vault) -> None:
        rule = EncryptionRule(apply_server_side_encryption_by_default=DefaultEncryption(kms_master_key_id=vault.key_id))
        place = {"region": self.cluster.region, "project_id": self.project}
        self.add(f"{purpose}-encryption", BucketEncryption(bucket=bucket.ref("name"), **place, rule=[rule]))

    def _lock(self, purpose: str, bucket: Added[Bucket]) -> None:
        rule = LockRule(default_retention=Retention(days=LOCKED_DAYS))
        place = {"region": self.cluster.region, "project_id": self.project}
        self.add(f"{purpose}-lock", BucketLock(bucket=bucket.ref("name"), **place, rule=rule))
