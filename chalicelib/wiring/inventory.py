"""Builds what stores and stock need."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.inventory.allocation import StockAllocator
    from chalicelib.inventory.storage.resharding import Resharding
    from chalicelib.inventory.storage.shards import StockShards
    from chalicelib.inventory.storage.stock import StockRepository
    from chalicelib.inventory.storage.stores import StoreRepository
    from chalicelib.wiring import Wiring


class InventoryWiring:
    """Builds the services of stores and stock."""

    def __init__(self, wiring: "Wiring") -> None:
        self._wiring = wiring

    @cached_property
    def stores(self) -> "StoreRepository":
        from chalicelib.inventory.storage.stores import StoreRepository

        return StoreRepository(self._wiring.platform.database)

    @cached_property
    def shards(self) -> "StockShards":
        from chalicelib.inventory.storage.shards import StockShards

        return StockShards(self._wiring.platform.database)

    @cached_property
    def stock(self) -> "StockRepository":
        from chalicelib.inventory.storage.stock import StockRepository

        return StockRepository(self._wiring.platform.database, self.shards)

    @cached_property
    def allocator(self) -> "StockAllocator":
        from chalicelib.inventory.allocation import StockAllocator

        return StockAllocator(
            self.stock,
            self.shards,
            self.stores,
            self._wiring.catalog.repository,
            self._wiring.runtime,
        )

    @cached_property
    def resharding(self) -> "Resharding":
        from chalicelib.inventory.storage.resharding import Resharding

        return Resharding(self._wiring.platform.database, self.shards, self._wiring.runtime)
