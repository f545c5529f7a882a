"""What this process remembers of stock rows."""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock

from cachetools import LRUCache

from chalicelib.inventory.model import Stock

CACHED_STOCK = 20_000
# For so long an order looks first at what was seen short, in place of trying a transaction that would fail.
SHORT_SECONDS = 1.0


class StockCache:
    """The stock of recently ordered products, as it was when it was last read.

    Only titles, prices and shards are used, and whoever uses them asserts them in the transaction that takes
    the stock. So an entry can be outdated, but it can never lead to a wrong order. A quantity only ever says
    that it is worth reading before writing.

    Args:
        monotonic: the time in seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        # With the time at which it was put.
        self._stock: LRUCache[tuple[int, int], tuple[Stock, float]] = LRUCache(CACHED_STOCK)
        self._lock = Lock()

    def get(self, store_id: int, product_ids: Iterable[int]) -> dict[int, Stock]:
        """Return what is remembered of these products, by id."""
        with self._lock:
            found = {product_id: self._stock.get((store_id, product_id)) for product_id in product_ids}
        return {product_id: entry[0] for product_id, entry in found.items() if entry is not None}

    def just_seen_short(self, store_id: int, wanted: Mapping[int, int]) -> bool:
        """Say whether, a moment ago, there was less of any of these products than is wanted of it."""
        since = self._monotonic() - SHORT_SECONDS
        with self._lock:
            entries = [
                (self._stock.get((store_id, product_id)), units) for product_id, units in wanted.items()
            ]
        return any(entry and entry[0].quantity < units and entry[1] > since for entry, units in entries)

    def put(self, store_id: int, stock: Iterable[Stock]) -> None:
        """Remember stock that was just read."""
        now = self._monotonic()
        with self._lock:
            for entry in stock:
                self._stock[store_id, entry.product_id] = entry, now

    def drop(self, store_id: int, product_ids: Iterable[int]) -> None:
        """Forget products whose entries turned out to be outdated."""
        with self._lock:
            for product_id in product_ids:
                self._stock.pop((store_id, product_id), None)
