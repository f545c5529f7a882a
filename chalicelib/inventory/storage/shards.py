"""Stock that is split over several rows, for a product that many customers order at once.

Transactions on the same row at the same moment cancel each other. So an operator may split the stock row of
such a product: it stays where it is and becomes shard 0, and the further shards are rows of the same table
under hash keys of their own, that is in other partitions and in no store's listing.

While it is split, units leave a further shard for an order or for shard 0, and never come to one. What is
put in or given back goes to shard 0. So reading the further shards first and shard 0 last shows no less than
there was when shard 0 was read: an order that is rejected for a shortage could not be filled at that moment
(docs/decisions/0015).
"""

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.errors import Contended, NotFound
from chalicelib.inventory.model import Stock
from chalicelib.inventory.storage.tables import (
    INVENTORY_TABLE,
    Key,
    StockItem,
    StockRow,
    key_of,
    shard_key,
    to_stock,
)
from chalicelib.platform.dynamodb.database import Database

# How often shards are read that are being split or joined at the moment.
READS = 3


class StockShards:
    """Reads shards, and moves units between them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = database.bind(StockRow, INVENTORY_TABLE)

    def whole(self, rows: Iterable[StockRow]) -> list[Stock]:
        """Return the stock of stock rows, of those that are split with the units of all shards.

        Rows that are not split cost nothing; those that are cost two consistent reads for all of them.
        """
        rows = list(rows)
        split, whole = [row for row in rows if row.shards], dict[Key, Stock]()
        for _ in range(READS):
            if not split:
                break
            further = self._further(split)
            split = list(self._database.get_many(self._rows, map(key_of, split), consistent=True))
            whole |= {key_of(row): to_stock(row, _units(row, further)) for row in split}
            # Shards that are not of this splitting were read just before or after it changed.
            split = [row for row in split if len(_of_splitting(row, further)) < (row.shards or 1) - 1]
        return [whole.get(key_of(row)) or to_stock(row) for row in rows]

    def whole_items(self, items: Sequence[StockItem]) -> list[Stock]:
        """Return the stock of items; see `whole`."""
        split = self.whole(
            self._rows(
                store_id=item.store_id.N,
                product_id=item.product_id.N,
                title=item.title.S,
                price=item.price.N,
                category_name=item.category_name.S,
                quantity=item.quantity.N,
                shards=item.shards.N,
                split_id=item.split_id and item.split_id.S,
            )
            for item in items
            if item.shards
        )
        wholes = iter(split)
        return [next(wholes) if item.shards else item.stock() for item in items]

    def gather(self, store_id: int, product_id: int, units: int) -> None:
        """Move units into shard 0 until it has as many, the fullest shards first; none if there are fewer.

        Raises:
            NotFound: the store does not carry the product.
            Contended: orders took from the same shards meanwhile; another attempt may go better.
            Unavailable: the database gave no answer; the units may or may not have moved.
        """
        stock_row = self.stock_row(store_id, product_id)
        further = sorted(self.further(stock_row), key=lambda row: row.quantity, reverse=True)
        missing = units - int(stock_row.quantity)
        if sum(row.quantity for row in further) < missing:
            return
        moves = []
        for row in further:
            moved = min(int(row.quantity), missing)
            if moved > 0:
                moves.append((row, moved))
                missing -= moved
        if moves and not self.move(stock_row, moves):
            raise Contended("The shards of the stock keep changing.")

    def move(self, stock_row: StockRow, moves: Iterable[tuple[StockRow, int]]) -> bool:
        """Move so many units of each of the shards to shard 0; False if something stood in the way."""
        moves = list(moves)
        transaction = self._database.transaction()
        transaction.update(
            self._rows(*key_of(stock_row)),
            actions=[StockRow.quantity.set(StockRow.quantity + sum(units for _, units in moves))],
            condition=StockRow.split_id == stock_row.split_id,
        )
        for row, units in moves:
            transaction.update(
                self._rows(*key_of(row)),
                actions=[StockRow.quantity.set(StockRow.quantity - units)],
                condition=(StockRow.quantity >= units) & (StockRow.split_id == stock_row.split_id),
            )
        return not transaction.commit()

    def stock_row(self, store_id: int, product_id: int) -> StockRow:
        """Return the row that is shard 0 of split stock, and all of other stock, read consistently.

        Raises:
            NotFound: the store does not carry the product.
        """
        row = self._database.find(self._rows, store_id, product_id)
        if row is None:
            raise NotFound(f"Store {store_id} does not carry product {product_id}.")
        return row

    def further(self, stock_row: StockRow) -> list[StockRow]:
        """Return the further shards of a stock row, those of its present splitting."""
        return list(_of_splitting(stock_row, self._further([stock_row])).values())

    def _further(self, stock_rows: Iterable[StockRow]) -> dict[Key, StockRow]:
        """Return the further shards of stock rows by their keys, whichever splitting they are of."""
        keys = [
            shard_key(*key_of(row), shard) for row in stock_rows for shard in range(1, int(row.shards or 1))
        ]
        return {key_of(row): row for row in self._database.get_many(self._rows, keys, consistent=True)}


def _of_splitting(stock_row: StockRow, further: Mapping[Key, StockRow]) -> dict[int, StockRow]:
    """Return by number those shards that are of the same splitting as the stock row."""
    found = {}
    for shard in range(1, int(stock_row.shards or 1)):
        row = further.get(shard_key(*key_of(stock_row), shard))
        if row and row.split_id == stock_row.split_id:
            found[shard] = row
    return found


def _units(stock_row: StockRow, further: Mapping[Key, StockRow]) -> tuple[int, ...]:
    """Return how many units lie in each shard; nothing when the stock is not split."""
    if not stock_row.shards:
        return ()
    found = _of_splitting(stock_row, further)
    shards = range(1, int(stock_row.shards))
    return int(stock_row.quantity), *(int(found[shard].quantity) if shard in found else 0 for shard in shards)
