"""Counting how often orders try to take stock."""

from threading import Lock
from typing import Any

from tests.support.shop import Shop


class Takings:
    """Counts every line of a transaction that is to take stock, from now on; on whichever database.

    Of a product that is sold out, each of these transactions fails.
    """

    def __init__(self, shop: Shop) -> None:
        self.count = 0
        self._lock = Lock()
        stock = shop.wiring.inventory.stock
        self._take, stock.take = stock.take, self._counted

    def _counted(self, *args: Any) -> int:
        with self._lock:
            self.count += 1
        return self._take(*args)
