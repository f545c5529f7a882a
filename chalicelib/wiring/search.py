"""Builds what the product search needs."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.search.product_search import ProductSearch
    from chalicelib.search.snapshots.bucket import SnapshotBucket
    from chalicelib.search.snapshots.live import LiveIndex
    from chalicelib.search.snapshots.publisher import SnapshotPublisher
    from chalicelib.search.snapshots.source import IndexSource
    from chalicelib.search.storage.pointer import SnapshotPointer
    from chalicelib.wiring import Wiring


class SearchWiring:
    """Builds the services of the product search."""

    def __init__(self, wiring: "Wiring") -> None:
        self._wiring = wiring

    @cached_property
    def source(self) -> "IndexSource":
        from chalicelib.catalog.storage.repository import CatalogRepository
        from chalicelib.inventory.storage.shards import StockShards
        from chalicelib.inventory.storage.stock import StockRepository
        from chalicelib.inventory.storage.stores import StoreRepository
        from chalicelib.search.snapshots.source import IndexSource

        database = self._wiring.platform.bulk_database
        return IndexSource(
            CatalogRepository(database),
            StoreRepository(database),
            StockRepository(database, StockShards(database)),
            self._wiring.runtime.pool,
        )

    @cached_property
    def bucket(self) -> "SnapshotBucket":
        if override := self._wiring.overrides.snapshot_bucket:
            return override
        from chalicelib.search.snapshots.bucket import SnapshotBucket

        return SnapshotBucket(self._wiring.settings, self._wiring.platform.retry)

    @cached_property
    def pointer(self) -> "SnapshotPointer":
        from chalicelib.search.storage.pointer import SnapshotPointer

        return SnapshotPointer(self._wiring.platform.database)

    @cached_property
    def publisher(self) -> "SnapshotPublisher":
        from chalicelib.search.engine.build import build
        from chalicelib.search.snapshots.publisher import SnapshotPublisher

        return SnapshotPublisher(
            version=self._wiring.catalog.transactions.version,
            products=self.source.products,
            build=build,
            bucket=self.bucket,
            pointer=self.pointer,
            clock=self._wiring.runtime.clock,
        )

    @cached_property
    def live_index(self) -> "LiveIndex":
        if override := self._wiring.overrides.live_index:
            return override
        from chalicelib.search.engine.index import SearchIndex
        from chalicelib.search.snapshots.live import LiveIndex

        return LiveIndex(
            pointer=self.pointer.read,
            download=self.bucket.download,
            open_index=SearchIndex.open,
            refresh_seconds=self._wiring.settings.search_refresh_seconds,
            runtime=self._wiring.runtime,
        )

    @cached_property
    def products(self) -> "ProductSearch":
        if override := self._wiring.overrides.product_search:
            return override
        from chalicelib.search.product_search import ProductSearch

        inventory = self._wiring.inventory
        return ProductSearch(self.live_index.current, inventory.stock, inventory.stores)
