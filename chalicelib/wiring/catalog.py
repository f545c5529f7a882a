"""Builds what the catalogue needs."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.catalog.editor import CatalogEditor
    from chalicelib.catalog.propagation.copies import CopyPropagation
    from chalicelib.catalog.propagation.messages import CatalogChanged
    from chalicelib.catalog.propagation.sweeper import CatalogSweeper
    from chalicelib.catalog.storage.pending_edits import PendingEdits
    from chalicelib.catalog.storage.repository import CatalogRepository
    from chalicelib.catalog.storage.transactions import CatalogTransactions
    from chalicelib.wiring import Wiring


class CatalogWiring:
    """Builds the services of the catalogue."""

    def __init__(self, wiring: "Wiring") -> None:
        self._wiring = wiring

    @cached_property
    def repository(self) -> "CatalogRepository":
        from chalicelib.catalog.storage.repository import CatalogRepository

        return CatalogRepository(self._wiring.platform.database)

    @cached_property
    def transactions(self) -> "CatalogTransactions":
        from chalicelib.catalog.storage.transactions import CatalogTransactions

        return CatalogTransactions(self._wiring.platform.database, self.repository)

    @cached_property
    def pending_edits(self) -> "PendingEdits":
        from chalicelib.catalog.storage.pending_edits import PendingEdits

        return PendingEdits(self._wiring.platform.database)

    @cached_property
    def publish_changed(self) -> "Callable[[CatalogChanged], None]":
        if override := self._wiring.overrides.publish_changed:
            return override
        queue = self._wiring.platform.queue(self._wiring.settings.catalog_queue_url)
        return lambda message: queue.publish([message])

    @cached_property
    def editor(self) -> "CatalogEditor":
        from chalicelib.catalog.editor import CatalogEditor

        return CatalogEditor(
            self.repository,
            self.transactions,
            self.publish_changed,
            self._wiring.runtime.clock,
            self._wiring.platform.retry,
        )

    @cached_property
    def copy_propagation(self) -> "CopyPropagation":
        from chalicelib.catalog.propagation.copies import PAGE, CopyPropagation

        return CopyPropagation(
            self.repository,
            self.pending_edits,
            self._wiring.inventory.stock,
            self.publish_changed,
            self._wiring.runtime.pool,
            self._wiring.overrides.page_size or PAGE,
        )

    @cached_property
    def sweeper(self) -> "CatalogSweeper":
        from chalicelib.catalog.propagation.sweeper import CatalogSweeper

        return CatalogSweeper(
            version=self.transactions.version,
            published=self._wiring.search.pointer.read,
            edits=self.pending_edits,
            publish_changed=self.publish_changed,
            clock=self._wiring.runtime.clock,
            stock_refresh_seconds=self._wiring.settings.search_stock_refresh_seconds,
        )
