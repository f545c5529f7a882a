"""Reading stores and stock, and taking stock inside an order's transaction."""

from collections.abc import Iterable, Iterator, Mapping
from threading import Lock
from typing import Any

from cachetools import LRUCache
from pynamodb.exceptions import DoesNotExist, UpdateError
from pynamodb.transactions import TransactWrite

from chalicelib.backoff import persist
from chalicelib.catalog.model import Product
from chalicelib.database import Database, is_refusal
from chalicelib.errors import NotFound
from chalicelib.inventory.model import ProductCopy, Stock, Store
from chalicelib.inventory.tables import (
    INVENTORY_TABLE,
    STORE,
    STORES_TABLE,
    StockRow,
    StoreRow,
    title_key,
)

CACHED_COPIES = 20_000
# How long a copy waits for orders of the same product to be done; a message that comes again waits longer.
COPY_SECONDS = 2.0


class StoreRepository:
    """The stores; retired ones are not shown."""

    def __init__(self, database: Database) -> None:
        self._rows = database.bind(StoreRow, STORES_TABLE)

    def stores(self, after: int | None, limit: int) -> list[Store]:
        """Return up to `limit` stores after the one with id `after`, by id."""
        rows = self._rows.query(
            STORE,
            StoreRow.id > (after or 0),
            filter_condition=StoreRow.deleted_at.does_not_exist(),
            limit=limit,
        )
        return [_store(row) for row in rows]

    def store(self, store_id: int) -> Store:
        """Return one store.

        Raises:
            NotFound: there is no such store, or it is retired.
        """
        try:
            row = self._rows.get(STORE, store_id)
        except DoesNotExist:
            row = None
        if row is None or row.deleted_at is not None:
            raise NotFound(f"There is no store {store_id}.")
        return _store(row)

    def nothing_of(self, store_id: int) -> list[Any]:
        """Return an empty list of something that the store has none of.

        Raises:
            NotFound: there is no such store.
        """
        self.store(store_id)
        return []


class StockRepository:
    """The stock rows of all stores.

    Title and price of recently ordered products are kept in memory: whoever uses such a copy asserts it
    in the transaction that takes the stock, so a copy can be outdated but never lead to a wrong order.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = database.bind(StockRow, INVENTORY_TABLE)
        self._copies: LRUCache[tuple[int, int], ProductCopy] = LRUCache(CACHED_COPIES)
        self._copies_lock = Lock()

    def listing(self, store_id: int, after: tuple[str, int] | None, limit: int) -> list[tuple[str, Stock]]:
        """Return a store's stock by title, case-insensitively, read consistently.

        Args:
            store_id: whose stock.
            after: the title key and product id of the last row already seen.
            limit: rows at the most.

        Returns:
            Pairs of a row's title key (for `after`) and its stock.
        """
        start = after and {
            "store_id": {"N": str(store_id)},
            "title_key": {"S": after[0]},
            "product_id": {"N": str(after[1])},
        }
        rows = self._rows.by_title.query(
            store_id, consistent_read=True, limit=limit, last_evaluated_key=start
        )
        return [(row.title_key, _stock(row)) for row in rows]

    def levels(self, store_id: int, product_ids: Iterable[int]) -> dict[int, Stock]:
        """Return the present stock of those of the products that the store carries, read consistently."""
        keys = [(store_id, product_id) for product_id in product_ids]
        rows = self._database.get_many(self._rows, keys, consistent=True)
        levels = {int(row.product_id): _stock(row) for row in rows}
        with self._copies_lock:
            for product_id, stock in levels.items():
                self._copies[store_id, product_id] = stock.copy
        return levels

    def copies(self, store_id: int, product_ids: Iterable[int]) -> dict[int, ProductCopy]:
        """Return title and price of those of the products that the store carries, from memory if possible."""
        known, unknown = {}, []
        with self._copies_lock:
            for product_id in product_ids:
                copy = self._copies.get((store_id, product_id))
                if copy is None:
                    unknown.append(product_id)
                else:
                    known[product_id] = copy
        if unknown:
            levels = self.levels(store_id, unknown)
            known |= {product_id: stock.copy for product_id, stock in levels.items()}
        return known

    def forget(self, store_id: int, product_ids: Iterable[int]) -> None:
        """Drop copies from memory that turned out to be outdated."""
        with self._copies_lock:
            for product_id in product_ids:
                self._copies.pop((store_id, product_id), None)

    def holdings(self, store_id: int) -> Iterator[tuple[int, bool]]:
        """Yield the products that a store carries, by id, and whether it has any of each in stock."""
        rows = self._rows.query(store_id, attributes_to_get=["product_id", "quantity"])
        for row in rows:
            yield int(row.product_id), row.quantity > 0

    def stores_carrying(self, product_id: int, after: int, limit: int) -> list[int]:
        """Return up to `limit` ids of stores above `after` that carry a product, in order."""
        rows = self._rows.by_product.query(product_id, StockRow.store_id > after, limit=limit)
        return [int(row.store_id) for row in rows]

    def refresh_copy(self, store_id: int, product: Product, version: int) -> bool:
        """Let a store's copy of a product follow the edit that made this version of the catalogue.

        Trying again is safe: a copy never goes back to an older edit.

        Returns:
            False if the copy is as new already, or the store no longer carries the product.

        Raises:
            Unavailable: orders of this product left no gap until the deadline, or there was no answer.
        """
        older = StockRow.product_version.does_not_exist() | (StockRow.product_version < version)
        actions = [
            StockRow.title.set(product.title),
            StockRow.title_key.set(title_key(product.title)),
            StockRow.price.set(product.price),
            StockRow.category_name.set(product.category.name),
            StockRow.product_version.set(version),
        ]
        row = self._rows(store_id, product.id)
        try:
            persist(lambda: row.update(actions, StockRow.quantity.exists() & older), COPY_SECONDS)
        except UpdateError as error:
            if not is_refusal(error):
                raise
            return False
        return True

    def take(
        self,
        transaction: TransactWrite,
        store_id: int,
        product_id: int,
        quantity: int,
        copy: ProductCopy,
    ) -> None:
        """Add to the transaction: take `quantity` units if there are as many and the copy is still true.

        When the condition fails, the cancellation reason carries the row as it was (`seen_stock` reads it).
        """
        row = self._rows(store_id, product_id)
        transaction.update(
            row,
            actions=[StockRow.quantity.set(StockRow.quantity - quantity)],
            condition=(StockRow.quantity >= quantity)
            & (StockRow.title == copy.title)
            & (StockRow.price == copy.price),
            return_values="ALL_OLD",
        )

    def give_back(self, transaction: TransactWrite, store_id: int, product_id: int, quantity: int) -> None:
        """Add to the transaction: put `quantity` units back, if the store still carries the product."""
        transaction.update(
            self._rows(store_id, product_id),
            actions=[StockRow.quantity.set(StockRow.quantity + quantity)],
            condition=StockRow.quantity.exists(),
        )

    def seen_stock(self, raw_item: Mapping[str, Any] | None) -> Stock | None:
        """Read the row that a failed condition of `take` reports; None when there is no such row."""
        return _stock(self._rows.from_raw_data(dict(raw_item))) if raw_item else None


def _store(row: StoreRow) -> Store:
    return Store(id=int(row.id), name=row.name, location=row.location)


def _stock(row: StockRow) -> Stock:
    return Stock(
        product_id=int(row.product_id),
        copy=ProductCopy(title=row.title, price=row.price),
        category_name=row.category_name,
        quantity=int(row.quantity),
    )
