"""The one file that a snapshot of the search index travels in."""

import hashlib
import tarfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from chalicelib.errors import StockroomError
from chalicelib.search.model import FORMAT, Snapshot

# A million products take 110 to 190 MB. While an instance changes over, the old index, the packed file and
# the new index stand side by side in the 1,024 MB of disk that the functions have.
MAX_BYTES = 320 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024


class BrokenSnapshot(StockroomError):
    """The snapshot is not what its pointer says, or larger than we take."""

    code = "broken_snapshot"


def describe(packed: Path, version: int, read_at: datetime, max_bytes: int = MAX_BYTES) -> Snapshot:
    """Describe a packed index that is to be published.

    Args:
        packed: its file.
        version: the catalogue's version that it holds at least.
        read_at: when reading for it began.
        max_bytes: the largest that is published.

    Raises:
        BrokenSnapshot: it is too large for those who are to load it.
    """
    size = packed.stat().st_size
    if size > max_bytes:
        raise BrokenSnapshot(f"A snapshot of {size} bytes is above the limit of {max_bytes}.")
    digest = digest_of(packed)
    moment = int(read_at.timestamp() * 1000)
    key = f"search/{version:016d}-{moment:015d}-{digest[:12]}.tar"
    return Snapshot(version, read_at, key, size, digest)


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def pack(folder: Path, packed: Path) -> None:
    """Pack an index into one file; without compression, for an index is compressed already."""
    with tarfile.open(packed, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.add(file, file.name)


def verify(packed: Path, snapshot: Snapshot) -> None:
    """Check that a packed index is the snapshot that was published.

    Raises:
        BrokenSnapshot: it is not.
    """
    if snapshot.format != FORMAT:
        raise BrokenSnapshot(f"Snapshot {snapshot.key} has format {snapshot.format}, not {FORMAT}.")
    if packed.stat().st_size != snapshot.size or digest_of(packed) != snapshot.sha256:
        raise BrokenSnapshot(f"Snapshot {snapshot.key} does not have its checksum.")


def unpack(packed: Path, folder: Path) -> None:
    """Unpack a verified index into a folder."""
    with tarfile.open(packed, "r") as archive:
        archive.extractall(folder, filter="data")


def copy_bounded(chunks: Iterator[bytes], packed: Path, size: int) -> None:
    """Write chunks to a file.

    Raises:
        BrokenSnapshot: there is more than `size` bytes, or than we take.
    """
    left = min(size, MAX_BYTES)
    with packed.open("wb") as file:
        for chunk in chunks:
            left -= len(chunk)
            if left < 0:
                raise BrokenSnapshot(f"A snapshot has more bytes than the {size} it should.")
            file.write(chunk)
