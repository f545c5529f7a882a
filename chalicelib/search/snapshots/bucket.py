"""The bucket that packed search indexes are published in."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import Unavailable
from chalicelib.platform import aws
from chalicelib.search.snapshots.snapshot import CHUNK_BYTES, Snapshot, copy_bounded

if TYPE_CHECKING:
    from chalicelib.platform.settings import Settings

CONNECT_SECONDS = 1.0
# How long S3 may be silent; a whole transfer takes longer.
READ_SECONDS = 10.0
ATTEMPTS = 2
PREFIX = "search/"
# Instances may still be loading the one before, and people may want to look at one more.
KEPT = 3
# One call deletes no more; the next publication goes on.
MAX_DELETED = 1000


class SnapshotBucket:
    """Packed indexes in S3.

    Args:
        settings: gives region and endpoint, and the bucket's name.
    """

    def __init__(self, settings: "Settings") -> None:
        self._bucket = settings.snapshot_bucket
        self._client: Any = aws.client(
            "s3",
            settings,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            attempts=ATTEMPTS,
        )

    def upload(self, packed: Path, snapshot: Snapshot) -> None:
        """Store a packed index at its key; S3 checks that it has arrived whole.

        Raises:
            Unavailable: S3 did not take it.
        """
        checksum = base64.b64encode(bytes.fromhex(snapshot.sha256)).decode()
        try:
            with packed.open("rb") as content:
                self._client.put_object(
                    Bucket=self._bucket, Key=snapshot.key, Body=content, ChecksumSHA256=checksum
                )
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error

    def download(self, snapshot: Snapshot, packed: Path) -> None:
        """Fetch a packed index into a file; it is not verified yet.

        Raises:
            BrokenSnapshot: it is larger than it should be.
            Unavailable: S3 does not have it, or did not give it.
        """
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=snapshot.key)["Body"]
            copy_bounded(body.iter_chunks(CHUNK_BYTES), packed, snapshot.size)
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error

    def drop_before(self, snapshot: Snapshot) -> int:
        """Delete what was stored before a snapshot, but for the last few; return how many there were.

        Raises:
            Unavailable: S3 did not do it.
        """
        try:
            listed = self._client.list_objects_v2(Bucket=self._bucket, Prefix=PREFIX, MaxKeys=MAX_DELETED)
            earlier = [item["Key"] for item in listed.get("Contents", ()) if item["Key"] < snapshot.key]
            dropped = sorted(earlier)[: -(KEPT - 1)]
            if dropped:
                objects = [{"Key": key} for key in dropped]
                self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(error) from error
        return len(dropped)


def _unavailable(error: BotoCoreError | ClientError) -> Unavailable:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    return Unavailable(f"S3: {code}")
