"""Reading stores and stock, and taking stock inside an order's transaction."""

import random
from collections.abc import Iterable, Iterator, Mapping
from threading import Lock
from typing import Any

from cachetools import LRUCache
from pynamodb.exceptions import DoesNotExist, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.catalog.model import Product
from chalicelib.errors import NotFound
from chalicelib.inventory.model import ProductCopy, Stock, Store
from chalicelib.inventory.storage.shards import StockParts, part_key, to_stock
from chalicelib.inventory.storage.tables import (
    INVENTORY_TABLE,
    STORE,
    STORES_TABLE,
    StockRow,
    StoreRow,
    title_key,
)
from chalicelib.platform.dynamodb.database import Database, is_refusal
from chalicelib.platform.retry import persist

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

    The stock of recently ordered products is kept in memory for its title and price, and for the parts it is
    split over: whoever uses such a copy asserts it in the transaction that takes the stock, so a copy can be
    outdated but never lead to a wrong order.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = database.bind(StockRow, INVENTORY_TABLE)
        self._parts = StockParts(database)
        self._known: LRUCache[tuple[int, int], Stock] = LRUCache(CACHED_COPIES)
        self._known_lock = Lock()

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
        rows = list(
            self._rows.by_title.query(store_id, consistent_read=True, limit=limit, last_evaluated_key=start)
        )
        return list(zip((row.title_key for row in rows), self._parts.whole(rows), strict=True))

    def levels(self, store_id: int, product_ids: Iterable[int]) -> dict[int, Stock]:
        """Return the present stock of those of the products that the store carries, read consistently."""
        keys = [(store_id, product_id) for product_id in product_ids]
        rows = self._database.get_many(self._rows, keys, consistent=True)
        levels = {stock.product_id: stock for stock in self._parts.whole(rows)}
        with self._known_lock:
            for product_id, stock in levels.items():
                self._known[store_id, product_id] = stock
        return levels

    def copies(self, store_id: int, product_ids: Iterable[int]) -> dict[int, ProductCopy]:
        """Return title and price of those of the products that the store carries, from memory if possible."""
        known, unknown = {}, []
        with self._known_lock:
            for product_id in product_ids:
                stock = self._known.get((store_id, product_id))
                if stock is None:
                    unknown.append(product_id)
                else:
                    known[product_id] = stock.copy
        if unknown:
            levels = self.levels(store_id, unknown)
            known |= {product_id: stock.copy for product_id, stock in levels.items()}
        return known

    def forget(self, store_id: int, product_ids: Iterable[int]) -> None:
        """Drop copies from memory that turned out to be outdated."""
        with self._known_lock:
            for product_id in product_ids:
                self._known.pop((store_id, product_id), None)

    def holdings(self, store_id: int) -> Iterator[tuple[int, bool]]:
        """Yield the products that a store carries, by id, and whether it has any of each in stock."""
        rows = self._rows.query(store_id, attributes_to_get=["product_id", "quantity", "parts"])
        for row in rows:
            product_id, in_stock = int(row.product_id), row.quantity > 0
            if row.parts and not in_stock:
                in_stock = any(stock.quantity for stock in self.levels(store_id, [product_id]).values())
            yield product_id, in_stock

    def stores_carrying(self, product_id: int, after: int, limit: int) -> list[int]:
        """Return up to `limit` ids of stores above `after` that carry a product, in order.

        The further parts of split stock are below all stores.
        """
        rows = self._rows.by_product.query(product_id, StockRow.store_id > after, limit=limit)
        return [int(row.store_id) for row in rows]

    def refresh_copy(self, store_id: int, product: Product, version: int) -> bool:
        """Let a store's copy of a product follow the edit that made this version of the catalogue.

        Trying again is safe: a copy never goes back to an older edit. The further parts of split stock follow
        after the stock row; stock that is split in between has the new copy from the start.

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
        has_followed = _changed(row, actions, older)
        try:
            # A refused update tells nothing of the row, and an earlier try may not have come to its parts.
            parts = row.parts if has_followed else self._parts.number_of_parts(store_id, product.id)
        except NotFound:
            return False
        for key in self._parts.further_keys(store_id, product.id, parts):
            _changed(self._rows(*key), actions, older)
        return has_followed

    def sources(self, store_id: int, wanted: Iterable[tuple[int, int]]) -> tuple[int, ...]:
        """Choose from which part to take each product: 0, unless its stock is known to be split.

        Args:
            store_id: whose stock.
            wanted: pairs of product and units.

        Raises:
            Unavailable: no part has as many alone, and moving the units together did not succeed.
        """
        return tuple(self._source(store_id, product_id, units) for product_id, units in wanted)

    def _source(self, store_id: int, product_id: int, units: int) -> int:
        with self._known_lock:
            stock = self._known.get((store_id, product_id))
        if stock is None or not stock.parts:
            return 0
        if enough := [part for part, there in enumerate(stock.parts) if there >= units]:
            return random.choice(enough)
        if stock.quantity >= units:
            self.forget(store_id, [product_id])
            self._parts.gather(store_id, product_id, units)
        return 0

    def take(
        self,
        transaction: TransactWrite,
        store_id: int,
        product_id: int,
        quantity: int,
        copy: ProductCopy,
        part: int,
    ) -> None:
        """Add to the transaction: take `quantity` units if there are as many and the copy is still true.

        When the condition fails, the cancellation reason carries the row as it was (`seen_stock` reads it).
        """
        transaction.update(
            self._rows(*part_key(store_id, product_id, part)),
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
        return to_stock(self._rows.from_raw_data(dict(raw_item))) if raw_item else None

    def saw_all(self, raw_item: Mapping[str, Any] | None, part: int) -> bool:
        """Say whether a failed condition of `take` reports all of the stock, not only one part of it."""
        return not part and not (raw_item and StockRow.split_id.attr_name in raw_item)


def _changed(row: StockRow, actions: list[Action], older: Condition) -> bool:
    """Change the copy on a row if there is one and it is older; say whether it was."""
    try:
        persist(lambda: row.update(actions, StockRow.quantity.exists() & older), COPY_SECONDS)
    except UpdateError as error:
        if not is_refusal(error):
            raise
        return False
    return True


def _store(row: StoreRow) -> Store:
    return Store(id=int(row.id), name=row.name, location=row.location)
