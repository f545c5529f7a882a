"""Carrying an edit of a product to its copies on stock rows."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol

import msgspec

from chalicelib.catalog.model import Product
from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.catalog.storage.pending_edits import PendingEdits
from chalicelib.catalog.storage.repository import CatalogRepository
from chalicelib.errors import NotFound

PAGE = 100
# Ten thousand stores take a minute; other changes wait meanwhile.
MAX_PAGES = 100
THREADS = 8

logger = logging.getLogger(__name__)


class Copies(Protocol):
    """Those who hold copies of products: the stores that carry them."""

    def stores_carrying(self, product_id: int, after: int, limit: int) -> list[int]:
        """Return up to `limit` ids of stores above `after` that carry a product, in order."""

    def refresh_copy(self, store_id: int, product: Product, version: int) -> bool:
        """Bring a store's copy up to this version of the product; False if it is as new already."""


class CopyPropagation:
    """Brings an edit of a product to every store that carries it.

    Copies know the version of the edit they are of, so duplicates and late messages change nothing. An
    edit stays noted as pending until its last copy has followed.

    Args:
        catalog: has the product as it is.
        edits: the pending edits.
        copies: the copies.
        publish_changed: queues the rest of the work; may raise `Unavailable`.
        pool: makes an executor with so many threads.
        page_size: how many stores are read at a time.
    """

    def __init__(
        self,
        catalog: CatalogRepository,
        edits: PendingEdits,
        copies: Copies,
        publish_changed: Callable[[CatalogChanged], None],
        pool: Callable[[int], Executor],
        page_size: int = PAGE,
    ) -> None:
        self._catalog = catalog
        self._edits = edits
        self._copies = copies
        self._publish_changed = publish_changed
        self._pool = pool
        self._page_size = page_size

    def follow(self, message: CatalogChanged, seconds_left: Callable[[], float]) -> None:
        """Let the copies follow the message's edit, or as many as there is time for and the rest later.

        Args:
            message: what changed; one that names no product needs nothing.
            seconds_left: how much time there still is; at zero or less the rest is queued.

        Raises:
            Unavailable: the database or the queue gave no answer; the message should come again.
        """
        product_id = message.product_id
        if product_id is None:
            return
        try:
            edition = self._catalog.edition(product_id)
        except NotFound:
            self._edits.done(product_id, message.catalog_version)
            return
        # The product may have been edited again: the copies follow its present state at once, but only the
        # message's own edit is done then, for copies before `after_store_id` may be of that one.
        position = message.after_store_id
        with self._pool(THREADS) as pool:
            for _ in range(MAX_PAGES):
                if seconds_left() <= 0:
                    break
                stores = self._copies.stores_carrying(product_id, position, self._page_size)
                refreshed = pool.map(
                    lambda store_id: self._copies.refresh_copy(store_id, edition.product, edition.version),
                    stores,
                )
                logger.info("%d copies of product #%d followed", sum(refreshed), product_id)
                if len(stores) < self._page_size:
                    self._edits.done(product_id, message.catalog_version)
                    return
                position = stores[-1]
        self._publish_changed(msgspec.structs.replace(message, after_store_id=position))
