"""A folder of weights: its files, their checksums, and the list that lies beside them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from blueprint.errors import BlueprintError

SUMS = "SHA256SUMS"
# Parts of an upload: at most 10,000 of at least 5 MiB (S3's limits), so files of up to 625 GiB.
PART_BYTES = 64 * 2**20
CHUNK_BYTES = 2**20


@dataclass(frozen=True)
class File:
    """One file. `parts` are the MD5 digests of its parts: what S3 makes its ETag of, and no more than that."""

    name: str
    path: Path
    size: int
    sha256: str
    parts: tuple[bytes, ...]

    @property
    def etag(self) -> str:
        """What S3 calls this file when it is uploaded in our parts."""
        if self.size <= PART_BYTES:
            return self.parts[0].hex()
        return f"{hashlib.md5(b''.join(self.parts), usedforsecurity=False).hexdigest()}-{len(self.parts)}"


def names(folder: Path) -> list[Path]:
    """Every file below a folder but hidden ones (download caches) and the list itself, sorted.

    Raises:
        BlueprintError: there is none.
    """
    if not folder.is_dir():
        raise BlueprintError(f"there is no folder {folder}", "download the weights into weights/<model>/<format>")
    below = [path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / SUMS]
    found = [path for path in below if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    if not found:
        raise BlueprintError(f"{folder} is empty")
    return found


def read(folder: Path, path: Path, on_bytes: Callable[[int], None]) -> File:
    """One file with its checksums; it is read once."""
    whole, parts, size = hashlib.sha256(), [hashlib.md5(usedforsecurity=False)], 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            if size and size % PART_BYTES == 0:
                parts.append(hashlib.md5(usedforsecurity=False))
            whole.update(chunk)
            parts[-1].update(chunk)
            size += len(chunk)
            on_bytes(len(chunk))
    return File(path.relative_to(folder).as_posix(), path, size, whole.hexdigest(), tuple(part.digest() for part in parts))


def sums(files: list[File]) -> str:
    """The list, as `sha256sum` writes it."""
    return "".join(f"{file.sha256}  {file.name}\n" for file in files)


def digest(text: str) -> str:
    """What `weights_digest` pins: the list's own checksum."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
