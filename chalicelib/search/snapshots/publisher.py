"""Publishing snapshots of the search index."""

import logging
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.errors import Unavailable
from chalicelib.platform.clock import Clock
from chalicelib.search.model import IndexedProduct
from chalicelib.search.snapshots.bucket import SnapshotBucket
from chalicelib.search.snapshots.packing import describe, pack
from chalicelib.search.storage.pointer import SnapshotPointer

logger = logging.getLogger(__name__)


class SnapshotPublisher:
    """Builds the index of the present catalogue and publishes it to all instances.

    Args:
        version: reads the catalogue's version, consistently.
        products: reads what goes into the index.
        build: writes an index of these into an empty folder and returns how many there were.
        bucket: keeps the packed indexes.
        pointer: says which one is to be served.
        clock: the time.
    """

    def __init__(
        self,
        version: Callable[[], int],
        products: Callable[[], Iterable[IndexedProduct]],
        build: Callable[[Iterable[IndexedProduct], Path], int],
        bucket: SnapshotBucket,
        pointer: SnapshotPointer,
        clock: Clock,
    ) -> None:
        self._version = version
        self._products = products
        self._build = build
        self._bucket = bucket
        self._pointer = pointer
        self._clock = clock

    def follow(self, messages: Sequence[CatalogChanged]) -> bool:
        """Publish one snapshot for all the changes, unless they are in the published one.

        Returns:
            Whether there was something to build.

        Raises:
            BrokenSnapshot: the index is too large.
            Unavailable: database or bucket gave no answer; the messages should come again.
        """
        published = self._pointer.read()
        if published and all(
            published.holds(message.catalog_version, message.built_since) for message in messages
        ):
            return False
        self._publish()
        return True

    def _publish(self) -> None:
        # The version is read before the products: whatever is changed meanwhile has a later one.
        version, read_at = self._version(), self._clock()
        # Tantivy's threads may touch the folder once more while it is removed, which harms nothing.
        with tempfile.TemporaryDirectory(prefix="stockroom-build-", ignore_cleanup_errors=True) as name:
            folder, packed = Path(name, "index"), Path(name, "index.tar")
            folder.mkdir()
            count = self._build(self._products(), folder)
            pack(folder, packed)
            snapshot = describe(packed, version, read_at)
            self._bucket.upload(packed, snapshot)
        if not self._pointer.move(snapshot):
            logger.info("A later snapshot than version %d is published already", version)
            return
        logger.info("Published version %d: %d products, %d bytes", version, count, snapshot.size)
        try:
            self._bucket.drop_before(snapshot)
        except Unavailable as error:
            logger.warning("Old snapshots are dropped next time: %s", error)
