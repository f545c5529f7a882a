"""Reading stock rows, taking from them and giving back inside an order's transaction."""

from collections.abc import Iterable, Iterator, Sequence

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.catalog.model import Product, ProductCopy
from chalicelib.inventory.model import Stock
from chalicelib.inventory.storage.shards import StockShards
from chalicelib.inventory.storage.tables import (
    INVENTORY_TABLE,
    StockItem,
    StockRow,
    item_key,
    set_copy,
    shard_key,
    to_stock,
)
from chalicelib.platform.dynamodb.database import Database, condition_held
from chalicelib.platform.dynamodb.items import batch_of, page_of
from chalicelib.platform.dynamodb.transaction import Reason, Transaction

# How long a copy waits for orders of the same product to be done; a message that comes again waits longer.
COPY_SECONDS = 2.0

_PAGE, _BATCH = page_of(StockItem), batch_of(StockItem)


class StockRepository:
    """The stock rows of all stores."""

    def __init__(self, database: Database, shards: StockShards) -> None:
        self._database = database
        self._rows = database.bind(StockRow, INVENTORY_TABLE)
        self._shards = shards

    def listing(self, store_id: int, after: tuple[str, int] | None, limit: int) -> list[tuple[str, Stock]]:
        """Return a store's stock by title, case-insensitively, read consistently.

        Args:
            store_id: whose stock.
            after: the title key and product id of the last row already seen.
            limit: rows at the most.

        Returns:
            Pairs of a row's title key (for `after`) and its stock.
        """
        items = self._database.query_items(
            self._rows,
            self._rows.by_title.Meta.index_name,
            {"store_id": {"N": str(store_id)}},
            _PAGE,
            limit=limit,
            after=after and item_key(store_id, after[1]) | {"title_key": {"S": after[0]}},
        )
        return list(zip((item.title_key.S for item in items), self._shards.whole_items(items), strict=True))

    def levels(self, store_id: int, product_ids: Iterable[int]) -> dict[int, Stock]:
        """Return the present stock of those of the products that the store carries, read consistently."""
        keys = [item_key(store_id, product_id) for product_id in product_ids]
        items = list(self._database.get_items(self._rows, keys, _BATCH))
        return {stock.product_id: stock for stock in self._shards.whole_items(items)}

    def holdings(self, store_id: int) -> Iterator[tuple[int, bool]]:
        """Yield the products that a store carries, by id, and whether it has any of each in stock."""
        rows = self._rows.query(store_id, attributes_to_get=["product_id", "quantity", "shards"])
        for row in rows:
            product_id, in_stock = int(row.product_id), row.quantity > 0
            if row.shards and not in_stock:
                in_stock = any(stock.quantity for stock in self.levels(store_id, [product_id]).values())
            yield product_id, in_stock

    def stores_carrying(self, product_id: int, after: int, limit: int) -> list[int]:
        """Return up to `limit` ids of stores above `after` that carry a product, in order.

        The further shards of split stock are below all stores.
        """
        rows = self._rows.by_product.query(product_id, StockRow.store_id > after, limit=limit)
        return [int(row.store_id) for row in rows]

    def refresh_copy(self, store_id: int, product: Product, version: int) -> bool:
        """Let a store's copy of a product follow the edit that made this version of the catalogue.

        Repeating it is safe: a copy never goes back to an older edit. The further shards of split stock
        follow after the stock row; stock that is split in between has the new copy from the start.

        Returns:
            False if the copy is as new already, or the store no longer carries the product.

        Raises:
            Unavailable: orders of this product left no gap until the deadline, or there was no answer.
        """
        older = StockRow.product_version.does_not_exist() | (StockRow.product_version < version)
        actions = set_copy(product.copy, version)
        row = self._rows(store_id, product.id)
        has_followed = self._change_copy(row, actions, older)
        if has_followed:
            shards = row.shards
        # A failed condition tells nothing of the row, and an earlier attempt may not have come to its shards.
        elif stored := self._database.find(self._rows, store_id, product.id):
            shards = stored.shards
        else:
            return False
        for shard in range(1, int(shards or 1)):
            self._change_copy(self._rows(*shard_key(store_id, product.id, shard)), actions, older)
        return has_followed

    def take(
        self,
        transaction: Transaction,
        store_id: int,
        product_id: int,
        units: int,
        copy: ProductCopy,
        shard: int,
    ) -> int:
        """Add to the transaction: take units if there are as many, and title and price are still the same.

        Returns:
            The number of the write; `seen_by` reads its reason.
        """
        return transaction.update(
            self._rows(*shard_key(store_id, product_id, shard)),
            actions=[StockRow.quantity.set(StockRow.quantity - units)],
            condition=(StockRow.quantity >= units)
            & (StockRow.title == copy.title)
            & (StockRow.price == copy.price),
        )

    def seen_by(self, reason: Reason, shard: int) -> Stock | None:
        """Return the stock that a failed condition of `take` saw; None if it did not see all of it."""
        row = self._rows.from_raw_data(dict(reason.item)) if reason.item else None
        return to_stock(row) if row and not shard and not row.split_id else None

    def give_back(self, transaction: Transaction, store_id: int, product_id: int, units: int) -> int:
        """Add to the transaction: put units back, if the store still carries the product.

        Returns:
            The number of the write.
        """
        return transaction.update(
            self._rows(store_id, product_id),
            actions=[StockRow.quantity.set(StockRow.quantity + units)],
            condition=StockRow.quantity.exists(),
        )

    def _change_copy(self, row: StockRow, actions: Sequence[Action], older: Condition) -> bool:
        """Change the copy on a row if there is one and it is older; say whether it was."""
        is_older = StockRow.quantity.exists() & older

        def attempt() -> bool:
            return condition_held(lambda: row.update(list(actions), is_older))

        return self._database.retry.until(COPY_SECONDS, attempt)
