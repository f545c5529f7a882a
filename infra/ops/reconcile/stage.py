"""Reading the stage that is reconciled: all rows page by page, or single rows again."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from pynamodb.models import Model

from chalicelib.catalog.storage.tables import EDIT, PRODUCT, EditRow, ProductRow
from chalicelib.catalog.storage.tables import TABLE as CATALOG_TABLE
from chalicelib.errors import Contended
from chalicelib.inventory.model import Stock
from chalicelib.inventory.storage.tables import INVENTORY_TABLE, StockRow
from chalicelib.orders.storage.tables import (
    DUE_SHARDS,
    IDEMPOTENCY_TABLE,
    ORDERS_TABLE,
    IdempotencyRow,
    OrderRow,
)
from chalicelib.wiring import Wiring

PAGE = 500
# How long to try for two equal readings of split stock, between orders.
UNITS_SECONDS = 10.0

Row = TypeVar("Row", bound=Model)


class Stage:
    """Reads the tables of one stage consistently.

    Args:
        wiring: the stage's services.
        margin: how far the times in a row may be from when it was written.
        overdue: for how long work may be due before it counts as forgotten.
        advance: called from time to time with the number of rows read since the last call.
    """

    def __init__(
        self,
        wiring: Wiring,
        margin: timedelta,
        overdue: timedelta,
        advance: Callable[[int], None] | None = None,
    ) -> None:
        self.wiring = wiring
        self.margin = margin
        self.overdue = overdue
        self._advance = advance
        database = wiring.platform.database
        self._database = database
        self._orders = database.bind(OrderRow, ORDERS_TABLE)
        self._keys = database.bind(IdempotencyRow, IDEMPOTENCY_TABLE)
        self._stock = database.bind(StockRow, INVENTORY_TABLE)
        self._shards = wiring.inventory.shards
        self._products = database.bind(ProductRow, CATALOG_TABLE)
        self._edits = database.bind(EditRow, CATALOG_TABLE)

    def now(self) -> datetime:
        """Return the stage's time."""
        return self.wiring.runtime.clock()

    def orders(self) -> Iterator[OrderRow]:
        """Yield every order."""
        return self._counted(self._orders.scan(consistent_read=True, page_size=PAGE))

    def keys(self) -> Iterator[IdempotencyRow]:
        """Yield every idempotency key."""
        return self._counted(self._keys.scan(consistent_read=True, page_size=PAGE))

    def stock(self) -> Iterator[StockRow]:
        """Yield every stock row."""
        return self._counted(self._stock.scan(consistent_read=True, page_size=PAGE))

    def products(self) -> Iterator[ProductRow]:
        """Yield every product, by id, retired ones included."""
        return self._counted(self._products.query(PRODUCT, consistent_read=True, page_size=PAGE))

    def edits(self) -> dict[int, EditRow]:
        """Return the pending edits, whose copies are not updated yet, by product."""
        return {int(row.id): row for row in self._edits.query(EDIT, consistent_read=True)}

    def due(self) -> dict[int, tuple[int, int]]:
        """Return the entries of the due index, shard and moment by order."""
        return {
            int(row.id): (shard, int(row.due_at))
            for shard in range(DUE_SHARDS)
            for row in self._orders.due.query(shard, page_size=PAGE)
        }

    def order(self, order_id: int) -> OrderRow | None:
        """Return one order, if there is one."""
        return self._database.find(self._orders, order_id)

    def stock_row(self, store_id: int, product_id: int) -> StockRow | None:
        """Return one stock row, if there is one."""
        return self._database.find(self._stock, store_id, product_id)

    def units(self, row: StockRow) -> int:
        """Return how many units there are at one moment, in all shards if the stock is split.

        Raises:
            Contended: orders changed the shards between any two readings, until the deadline.
        """
        before: Stock | None = None

        def read() -> int | None:
            nonlocal before
            (stock,) = self._shards.whole([row])
            if not stock.shards:
                return stock.quantity
            # Shards other than shard 0 only lose units. So what they had both before and after shard 0 was
            # first read, they had at that moment, too.
            if before and before.shards[1:] == stock.shards[1:]:
                return before.quantity
            before = stock
            return None

        changing = Contended("The shards of a stock keep changing.")
        return self._database.retry.until(UNITS_SECONDS, read, changing)

    def product(self, product_id: int) -> ProductRow | None:
        """Return one product, retired or not, if there is one."""
        return self._database.find(self._products, PRODUCT, product_id)

    def products_by_id(self, product_ids: set[int]) -> dict[int, ProductRow]:
        """Return the products that exist, retired ones included, by id."""
        keys = [(PRODUCT, product_id) for product_id in product_ids]
        rows = self._database.get_many(self._products, keys, consistent=True)
        return {int(row.id): row for row in rows}

    def existing_orders(self, order_ids: list[int]) -> set[int]:
        """Return the ids that orders exist for."""
        rows = self._orders.batch_get(order_ids, consistent_read=True, attributes_to_get=["id"])
        return {int(row.id) for row in rows}

    def _counted(self, rows: Iterator[Row]) -> Iterator[Row]:
        for number, row in enumerate(rows, start=1):
            if self._advance and number % PAGE == 0:
                self._advance(PAGE)
            yield row
