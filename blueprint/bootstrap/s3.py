"""State storage on any S3-compatible service: a bucket and its guards, each read back after it was set."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from blueprint.bootstrap import Outcome, Report
from blueprint.environment import Environment, S3State
from blueprint.objectstore import NotOffered, Refused, asking, check_location, connect, error_code

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

T = TypeVar("T")

PUBLIC_GROUPS = ("AllUsers", "AuthenticatedUsers")
BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
NO_ENCRYPTION = "the service has no such setting: ask its operator how it encrypts disks, and keep the answer as evidence"
NO_LOCK = "keep the state on a service (or a newer version of it) with S3's conditional writes"
NO_BLOCK = "the service has no such setting; the bucket's access list was read instead and lets in nobody but its owner"


def bootstrap(env: Environment, state: S3State, *, dry_run: bool = False) -> Report:
    """Raises Refused when the store says no, lies elsewhere, is public or cannot lock."""
    check_location(env, state.region, state.endpoint, "state")
    storage = Storage(connect(state.endpoint, state.region), state, dry_run=dry_run)
    return Report(env.name, "s3", f"{state.endpoint}/{state.bucket}", tuple(storage.outcomes()))


class Storage:
    """One bucket; every check reads, sets what differs unless it is a dry run, and reads again."""

    def __init__(self, client: "S3Client", state: S3State, *, dry_run: bool) -> None:
        self.client = client
        self.state = state
        self.bucket = state.bucket
        self.dry_run = dry_run

    def outcomes(self) -> Iterator[Outcome]:
        """In the order things must exist. Of a bucket that is not there yet, a dry run cannot say more."""
        bucket = self._ensure("bucket", self._location, self._create, "")
        yield bucket
        if bucket.status == "would change":
            return
        yield self._ensure("versioning", self._versioning, self._set_versioning, "the state's history would be lost")
        yield self._ensure("encryption", self._encryption, self._set_encryption, NO_ENCRYPTION)
        yield self._private()
        if not self.dry_run:
            yield self._lock()

    def _ensure(self, name: str, read: Callable[[], str], change: Callable[[], object], absent: str) -> Outcome:
        """`read` returns what is there, or nothing if it is not as it should be."""
        try:
            if found := self._ask(f"read the {name} of {self.bucket}", read):
                return Outcome(name, "unchanged", found)
            if self.dry_run:
                return Outcome(name, "would change", "")
            self._ask(f"set the {name} of {self.bucket}", change)
        except NotOffered:
            if name in ("bucket", "versioning"):
                raise Refused(f"{self.state.endpoint} does not offer {name}: {absent}", "keep the state on another service") from None
            return Outcome(name, "not offered", absent)
        if found := self._ask(f"read the {name} of {self.bucket}", read):
            return Outcome(name, "changed", found)
        raise Refused(f"{self.state.endpoint} accepted the {name} of {self.bucket} but did not keep it", "ask the service's operator")

    def _ask(self, action: str, call: Callable[[], T]) -> T:
        with asking(self.state.endpoint, action):
            return call()

    def _location(self) -> str:
        found = self._or_none(("404", "NoSuchBucket", "NotFound"), lambda: self.client.head_bucket(Bucket=self.bucket))
        if found is None:
            return ""
        region = self.client.get_bucket_location(Bucket=self.bucket).get("LocationConstraint") or "us-east-1"
        if region != self.state.region:
            raise Refused(f"{self.bucket} already exists in {region}, not in {self.state.region}", "choose another name for state.bucket")
        return f"{self.bucket} in {region}"

    def _create(self) -> None:
        place: Any = {} if self.state.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.state.region}}
        self.client.create_bucket(Bucket=self.bucket, **place)

    def _versioning(self) -> str:
        on = self.client.get_bucket_versioning(Bucket=self.bucket).get("Status") == "Enabled"
        return "every state is kept" if on else ""

    def _set_versioning(self) -> None:
        self.client.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})

    def _encryption(self) -> str:
        absent = ("ServerSideEncryptionConfigurationNotFoundError",)
        found = self._or_none(absent, lambda: self.client.get_bucket_encryption(Bucket=self.bucket))
        rules = found["ServerSideEncryptionConfiguration"]["Rules"] if found else []
        return next((f"{rule['ApplyServerSideEncryptionByDefault']['SSEAlgorithm']} by default" for rule in rules), "")

    def _set_encryption(self) -> None:
        self.client.put_bucket_encryption(Bucket=self.bucket, ServerSideEncryptionConfiguration=ENCRYPTION)  # type: ignore[arg-type]

    def _private(self) -> Outcome:
        outcome = self._ensure("no public access", self._block, self._set_block, NO_BLOCK)
        if outcome.status == "not offered":
            acl = self._ask(f"read the access list of {self.bucket}", lambda: self.client.get_bucket_acl(Bucket=self.bucket))
            if any(grant.get("Grantee", {}).get("URI", "").endswith(PUBLIC_GROUPS) for grant in acl["Grants"]):
                raise Refused(f"{self.bucket} is open to the public", "take the public grants off its access list")
        return outcome

    def _block(self) -> str:
        absent = ("NoSuchPublicAccessBlockConfiguration",)
        found = self._or_none(absent, lambda: self.client.get_public_access_block(Bucket=self.bucket))
        return "blocked" if found and found["PublicAccessBlockConfiguration"] == BLOCK else ""

    def _set_block(self) -> None:
        self.client.put_public_access_block(Bucket=self.bucket, PublicAccessBlockConfiguration=BLOCK)  # type: ignore[arg-type]

    def _lock(self) -> Outcome:
        """Terraform locks by writing a file that must not exist, and unlocks by deleting it. Services differ in both: some ignore
        the condition, some count what was deleted as existing while they keep versions. So we lock, and lock again."""
        key = f"lock-test-{uuid.uuid4().hex}"
        try:
            if not self._take(key):
                raise Refused(f"{self.state.endpoint} does not let anybody write {key} under a condition", NO_LOCK)
            if self._take(key):
                message = f"{self.state.endpoint} ignores If-None-Match: two applies could write the state of one environment at once"
                raise Refused(message, NO_LOCK)
            self._ask(f"delete from {self.bucket}", lambda: self.client.delete_object(Bucket=self.bucket, Key=key))
            if not self._take(key):
                message = f"{self.state.endpoint} counts a deleted lock as existing while it keeps versions: no second apply could start"
                raise Refused(message, NO_LOCK)
        finally:
            self._remove(key)
        return Outcome("lock", "unchanged", "one writer at a time, and the next one after it")

    def _take(self, key: str) -> bool:
        """Whether the lock was free."""
        taken = ("PreconditionFailed", "412")
        put = partial(self.client.put_object, Bucket=self.bucket, Key=key, Body=b"", IfNoneMatch="*")
        return self._ask(f"write to {self.bucket}", lambda: self._or_none(taken, put)) is not None

    def _remove(self, key: str) -> None:
        """All versions of it: a test leaves nothing behind."""

        def remove() -> None:
            found = self.client.list_object_versions(Bucket=self.bucket, Prefix=key)
            for version in (*found.get("Versions", []), *found.get("DeleteMarkers", [])):
                self.client.delete_object(Bucket=self.bucket, Key=key, VersionId=version["VersionId"])

        with suppress(NotOffered):
            self._ask(f"remove {key} from {self.bucket}", remove)

    def _or_none(self, absent: tuple[str, ...], call: Callable[[], T]) -> T | None:
        """The answer, or None where the service says with one of these codes that there is none."""
        from botocore.exceptions import ClientError

        try:
            return call()
        except ClientError as error:
            if error_code(error) in absent:
                return None
            raise
