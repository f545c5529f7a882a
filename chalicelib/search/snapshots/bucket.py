"""The bucket that packed search indexes are published in."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.platform.aws import AwsService, unavailable
from chalicelib.platform.retry import Retry
from chalicelib.search.model import Snapshot
from chalicelib.search.snapshots.packing import CHUNK_BYTES, copy_bounded

if TYPE_CHECKING:
    from chalicelib.platform.settings import Settings

CONNECT_SECONDS = 1.0
# How long S3 may be silent; a whole transfer takes longer.
READ_SECONDS = 10.0
DEADLINE_SECONDS = 10.0
PREFIX = "search/"
# Instances may still be loading the one before, and people may want to look at one more.
KEPT = 3
# One call deletes no more; the next publication goes on.
MAX_DELETED = 1000


class SnapshotBucket:
    """Packed indexes in S3.

    Args:
        settings: gives region and endpoint, and the bucket's name.
        retry: repeats calls that met a transient error.
    """

    def __init__(self, settings: "Settings", retry: Retry) -> None:
        self._bucket = settings.snapshot_bucket
        self._s3 = AwsService(
            "s3",
            settings,
            retry,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            deadline_seconds=DEADLINE_SECONDS,
        )

    def upload(self, packed: Path, snapshot: Snapshot) -> None:
        """Store a packed index at its key; S3 checks that it has arrived whole.

        Raises:
            Unavailable: S3 did not take it.
        """
        checksum = base64.b64encode(bytes.fromhex(snapshot.sha256)).decode()
        with packed.open("rb") as content:
            self._s3.call(
                "put_object",
                Bucket=self._bucket,
                Key=snapshot.key,
                Body=content,
                ChecksumSHA256=checksum,
            )

    def download(self, snapshot: Snapshot, packed: Path) -> None:
        """Fetch a packed index into a file; it is not verified yet.

        Raises:
            BrokenSnapshot: it is larger than it should be.
            Unavailable: S3 does not have it, or did not give it.
        """
        body = self._s3.call("get_object", Bucket=self._bucket, Key=snapshot.key)["Body"]
        with unavailable("S3"):
            copy_bounded(body.iter_chunks(CHUNK_BYTES), packed, snapshot.size)

    def drop_before(self, snapshot: Snapshot) -> int:
        """Delete what was stored before a snapshot, but for the last few; return how many there were.

        Raises:
            Unavailable: S3 did not do it.
        """
        listed = self._s3.call("list_objects_v2", Bucket=self._bucket, Prefix=PREFIX, MaxKeys=MAX_DELETED)
        earlier = [item["Key"] for item in listed.get("Contents", ()) if item["Key"] < snapshot.key]
        dropped = sorted(earlier)[: -(KEPT - 1)]
        if dropped:
            objects = [{"Key": key} for key in dropped]
            self._s3.call("delete_objects", Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})
        return len(dropped)
