"""Letting the copies of a product on stock rows follow its edits."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.catalog.storage.pending_edits import PendingEdits
from chalicelib.catalog.storage.repository import CatalogRepository
from chalicelib.errors import NotFound
from chalicelib.inventory.storage.repository import StockRepository

PAGE = 100
# Ten thousand stores are a minute's work; others wait for their turn meanwhile.
MAX_PAGES = 100
THREADS = 8

logger = logging.getLogger(__name__)


class ProductCopying:
    """Brings an edit of a product to every store that carries it.

    Copies know the version of the edit they are of, so duplicates and late messages change nothing. An
    edit stays noted as pending until its last copy has followed.

    Args:
        catalog: has the product as it is.
        edits: the pending edits.
        stock: has the copies.
        announce: queues the rest of the work; may raise `Unavailable`.
    """

    def __init__(
        self,
        catalog: CatalogRepository,
        edits: PendingEdits,
        stock: StockRepository,
        announce: Callable[[CatalogChanged], None],
    ) -> None:
        self._catalog = catalog
        self._edits = edits
        self._stock = stock
        self._announce = announce

    def follow(self, message: CatalogChanged, seconds_left: Callable[[], float]) -> None:
        """Let the copies follow the message's edit, or as many as there is time for and the rest later.

        Args:
            message: what changed; one that names no product needs nothing.
            seconds_left: how much time there still is; at zero or less the rest is queued.

        Raises:
            Unavailable: the database or the queue gave no answer; the message should come again.
        """
        if message.product_id is None:
            return
        try:
            edition = self._catalog.edition(message.product_id)
        except NotFound:
            self._edits.done(message.product_id, message.catalog_version)
            return
        # The product may have been edited again: the copies follow its present state at once, but only the
        # message's own edit is done then, for copies before `after_store_id` may be of that one.
        position = message.after_store_id
        with ThreadPoolExecutor(THREADS) as pool:
            for _ in range(MAX_PAGES):
                if seconds_left() <= 0:
                    break
                stores = self._stock.stores_carrying(message.product_id, position, PAGE)
                refresh = pool.map(
                    lambda store: self._stock.refresh_copy(store, edition.product, edition.version), stores
                )
                logger.info("%d copies of product #%d followed", sum(refresh), message.product_id)
                if len(stores) < PAGE:
                    self._edits.done(message.product_id, message.catalog_version)
                    return
                position = stores[-1]
        self._announce(msgspec.structs.replace(message, after_store_id=position))
