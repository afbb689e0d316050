"""Uploads files to S3-compatible storage in parts. What is there already, file or part, is compared and not sent again."""

import base64
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blueprint.objectstore import Refused, asking, connect, error_code
from blueprint.weights.destination import Destination
from blueprint.weights.folder import CHUNK_BYTES, PART_BYTES, SUMS, File

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# Parts on their way at once; each is held in memory.
THREADS = 4

OnBytes = Callable[[int], None]


@dataclass(frozen=True)
class Uploader:
    """One path in a bucket. Everything raises Refused when the store says no."""

    client: "S3Client"
    endpoint: str
    bucket: str
    prefix: str

    @classmethod
    def to(cls, destination: Destination) -> "Uploader":
        client = connect(destination.endpoint, destination.region)
        return cls(client, destination.endpoint, destination.bucket, destination.prefix)

    def strangers(self, names: set[str]) -> list[str]:
        """What lies there and is not ours: pods refuse weights with files that are not on the list."""
        with asking(self.endpoint, f"list {self.bucket}/{self.prefix}"):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{self.prefix}/")
            there = {item["Key"].removeprefix(f"{self.prefix}/") for page in pages for item in page.get("Contents", [])}
        return sorted(there - names - {SUMS})

    def push(self, file: File, on_bytes: OnBytes) -> bool:
        """Upload a file unless it is there, and check it; whether anything was sent. `on_bytes` hears of what need not be sent too."""
        if self.has(file):
            on_bytes(file.size)
            return False
        with asking(self.endpoint, f"write {self.bucket}/{self._key(file)}"):
            if file.size <= PART_BYTES:
                self._put(file)
                on_bytes(file.size)
            else:
                self._put_parts(file, on_bytes)
        if not self.has(file):
            raise Refused(f"{self.bucket}/{self._key(file)} is not what was sent", "run the command again; if it stays, ask the operator")
        return True

    def put_sums(self, text: str) -> None:
        """The list comes last: while it is old or missing, no pod starts with half of the new weights."""
        with asking(self.endpoint, f"write {self.bucket}/{self.prefix}/{SUMS}"):
            self.client.put_object(Bucket=self.bucket, Key=f"{self.prefix}/{SUMS}", Body=text.encode(), ContentMD5=_md5(text.encode()))

    def has(self, file: File) -> bool:
        """Whether the store holds exactly this content. Where its ETag is no checksum (encryption with a key of one's own), the
        file is read back."""
        from botocore.exceptions import ClientError

        with asking(self.endpoint, f"read {self.bucket}/{self._key(file)}"):
            try:
                there = self.client.head_object(Bucket=self.bucket, Key=self._key(file))
            except ClientError as error:
                if error_code(error) in ("404", "NoSuchKey", "NotFound"):
                    return False
                raise
            if there["ContentLength"] != file.size:
                return False
            return there["ETag"].strip('"') == file.etag or self._read_back(file) == file.sha256

    def _read_back(self, file: File) -> str:
        seen = hashlib.sha256()
        for chunk in self.client.get_object(Bucket=self.bucket, Key=self._key(file))["Body"].iter_chunks(CHUNK_BYTES):
            seen.update(chunk)
        return seen.hexdigest()

    def _put(self, file: File) -> None:
        content = file.path.read_bytes()
        self.client.put_object(Bucket=self.bucket, Key=self._key(file), Body=content, ContentMD5=_md5(content))

    def _put_parts(self, file: File, on_bytes: OnBytes) -> None:
        """Go on with an upload that was interrupted, or start one. If we are interrupted, the parts sent so far stay."""
        upload, there = self._resume(file)
        missing = [number for number in range(1, len(file.parts) + 1) if number not in there]
        on_bytes(sum(there.values()))
        with ThreadPoolExecutor(THREADS) as pool:
            try:
                for size in pool.map(lambda number: self._put_part(file, upload, number), missing):
                    on_bytes(size)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        sent = [{"PartNumber": number, "ETag": etag} for number, (etag, _) in sorted(self._parts(file, upload).items())]
        self.client.complete_multipart_upload(
            Bucket=self.bucket,
            Key=self._key(file),
            UploadId=upload,
            MultipartUpload={"Parts": sent},  # type: ignore[typeddict-item]
        )

    def _resume(self, file: File) -> tuple[str, dict[int, int]]:
        """An interrupted upload of this content and the sizes of its parts. Uploads of other content are given up."""
        where = {"Bucket": self.bucket, "Prefix": self._key(file)}
        pages = self.client.get_paginator("list_multipart_uploads").paginate(**where)  # type: ignore[arg-type]
        for pending in [found for page in pages for found in page.get("Uploads", []) if found["Key"] == self._key(file)]:
            parts = self._parts(file, pending["UploadId"])
            expected = {number: f'"{md5.hex()}"' for number, md5 in enumerate(file.parts, 1)}
            if all(expected.get(number) == etag for number, (etag, _) in parts.items()):
                return pending["UploadId"], {number: size for number, (_, size) in parts.items()}
            self.client.abort_multipart_upload(Bucket=self.bucket, Key=self._key(file), UploadId=pending["UploadId"])
        return self.client.create_multipart_upload(Bucket=self.bucket, Key=self._key(file))["UploadId"], {}

    def _parts(self, file: File, upload: str) -> dict[int, tuple[str, int]]:
        """What an upload has so far: number → ETag and size."""
        pages = self.client.get_paginator("list_parts").paginate(Bucket=self.bucket, Key=self._key(file), UploadId=upload)
        return {part["PartNumber"]: (part["ETag"], part["Size"]) for page in pages for part in page.get("Parts", [])}

    def _put_part(self, file: File, upload: str, number: int) -> int:
        with file.path.open("rb") as source:
            source.seek((number - 1) * PART_BYTES)
            content = source.read(PART_BYTES)
        self.client.upload_part(
            Bucket=self.bucket, Key=self._key(file), UploadId=upload, PartNumber=number, Body=content, ContentMD5=_md5(content)
        )
        return len(content)

    def _key(self, file: File) -> str:
        return f"{self.prefix}/{file.name}"


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
