"""What this process remembers of stock rows."""

from collections.abc import Iterable
from threading import Lock

from cachetools import LRUCache

from chalicelib.inventory.model import Stock

CACHED_STOCK = 20_000


class StockCache:
    """The stock of recently ordered products, as it was when it was last read.

    Only titles, prices and shards are used, and the transaction that takes the stock asserts titles and
    prices. So an entry can be outdated, but it can never lead to a wrong order.
    """

    def __init__(self) -> None:
        self._stock: LRUCache[tuple[int, int], Stock] = LRUCache(CACHED_STOCK)
        self._lock = Lock()

    def get(self, store_id: int, product_ids: Iterable[int]) -> dict[int, Stock]:
        """Return what is remembered of these products, by id."""
        with self._lock:
            found = {product_id: self._stock.get((store_id, product_id)) for product_id in product_ids}
        return {product_id: stock for product_id, stock in found.items() if stock is not None}

    def put(self, store_id: int, stock: Iterable[Stock]) -> None:
        """Remember stock that was just read."""
        with self._lock:
            for entry in stock:
                self._stock[store_id, entry.product_id] = entry

    def drop(self, store_id: int, product_ids: Iterable[int]) -> None:
        """Forget products whose entries turned out to be outdated."""
        with self._lock:
            for product_id in product_ids:
                self._stock.pop((store_id, product_id), None)
