"""Splitting the stock of a hot product over shards, and joining it, while it is being ordered."""

from collections.abc import Callable, Iterator

from chalicelib.errors import Contended
from chalicelib.inventory.model import Stock
from chalicelib.inventory.storage.shards import StockShards
from chalicelib.inventory.storage.tables import (
    INVENTORY_TABLE,
    StockRow,
    copy_attributes,
    copy_of,
    has_copy_of,
    key_of,
    shard_key,
)
from chalicelib.platform.dynamodb.database import Database
from chalicelib.platform.runtime import Runtime

# All shards change in one transaction, which takes 100 rows.
MAX_SHARDS = 50
# How long splitting and joining wait for a gap between orders.
GAP_SECONDS = 60.0


class Resharding:
    """Changes over how many rows a stock is split; each step leaves stock that can be ordered.

    Args:
        database: where the rows are.
        shards: reads them and moves units.
        runtime: gives the id of a splitting.
    """

    def __init__(self, database: Database, shards: StockShards, runtime: Runtime) -> None:
        self._database = database
        self._rows = database.bind(StockRow, INVENTORY_TABLE)
        self._shards = shards
        self._runtime = runtime

    def divide(self, store_id: int, product_id: int, shards: int) -> Stock:
        """Let the stock lie in so many shards, evenly; split stock is joined first.

        Args:
            store_id, product_id: whose stock of what.
            shards: 1 to `MAX_SHARDS`; 1 joins them.

        Returns:
            The stock as it is then.

        Raises:
            NotFound: the store does not carry the product.
            Unavailable: orders left no gap for a minute, or there was no answer; the stock is whole, and
                in as many shards as before, or in one.
        """
        self._until(lambda: self._join(store_id, product_id))
        if shards > 1:
            self._until(lambda: self._split(store_id, product_id, shards))
        return self._shards.whole([self._shards.stock_row(store_id, product_id)])[0]

    def all_split(self) -> Iterator[tuple[int, Stock]]:
        """Yield every split stock with its store; this reads the whole table."""
        for row in self._rows.scan(StockRow.shards.exists() & (StockRow.store_id > 0)):
            yield int(row.store_id), self._shards.whole([row])[0]

    def _until(self, is_done: Callable[[], bool]) -> None:
        no_gap = Contended("Orders of this product left no gap.")
        self._database.retry.until(GAP_SECONDS, lambda: is_done() or None, no_gap)

    def _split(self, store_id: int, product_id: int, shards: int) -> bool:
        """Split stock that is in one row; False if something stood in the way for now."""
        row = self._shards.stock_row(store_id, product_id)
        if row.shards:
            # Done: by an earlier attempt whose answer got lost, or by another operator.
            return True
        share = int(row.quantity) // shards
        split_id = self._runtime.write_token()
        transaction = self._database.transaction()
        transaction.update(
            self._rows(store_id, product_id),
            actions=[
                StockRow.quantity.set(StockRow.quantity - share * (shards - 1)),
                StockRow.shards.set(shards),
                StockRow.split_id.set(split_id),
            ],
            condition=(StockRow.quantity >= share * (shards - 1))
            & StockRow.split_id.does_not_exist()
            & has_copy_of(row),
        )
        for shard in range(1, shards):
            new = self._rows(
                *shard_key(store_id, product_id, shard),
                quantity=share,
                # What was ever supplied stays in shard 0, for all of them.
                supplied=0,
                split_id=split_id,
                product_version=row.product_version,
                **copy_attributes(copy_of(row)),
            )
            transaction.put(new, StockRow.quantity.does_not_exist())
        return not transaction.commit()

    def _join(self, store_id: int, product_id: int) -> bool:
        """Take a step towards one row: first the units move, then the empty rows go; True when they have."""
        stock_row = self._shards.stock_row(store_id, product_id)
        if not stock_row.shards:
            return True
        further = self._shards.further(stock_row)
        full = [row for row in further if row.quantity]
        # One by one, since each then waits only for the orders of its own shard. An empty shard stays empty.
        for row in full:
            self._shards.move(stock_row, [(row, int(row.quantity))])
        if full:
            return False
        transaction = self._database.transaction()
        transaction.update(
            self._rows(*key_of(stock_row)),
            actions=[StockRow.shards.remove(), StockRow.split_id.remove()],
            condition=StockRow.split_id == stock_row.split_id,
        )
        for row in further:
            transaction.delete(row, StockRow.quantity == 0)
        return not transaction.commit()
