"""Stock that lies in several rows, for a product that everybody orders at the same moment.

Transactions on the same row at the same moment cancel each other. So an operator may split the stock row of
such a product: it stays where it is and becomes part 0, and the further parts are rows of the same table
under hash keys of their own, that is in other partitions and in no store's listing.

While it is split, units leave a further part for an order or for part 0, and never come to one. Whatever
is put in or given back goes to part 0. So whoever reads the further parts first and part 0 last sees no
less than there was when part 0 was read: an order that is rejected for want of units could not be filled
at that moment (docs/decisions/0015).
"""

import secrets
from collections.abc import Callable, Iterable, Iterator

from pynamodb.exceptions import DoesNotExist, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Contended, NotFound, Unavailable
from chalicelib.inventory.model import ProductCopy, Stock
from chalicelib.inventory.storage.tables import INVENTORY_TABLE, StockRow
from chalicelib.platform.dynamodb.database import Database, may_pass
from chalicelib.platform.retry import tries

# All parts change in one transaction, which takes 100 rows.
MAX_PARTS = 50
# How often parts are read that are being split or joined at the moment.
READS = 3
# How long splitting and joining wait for a gap between orders.
PATIENCE_SECONDS = 60.0

# In decimal, so that a person sees the store in a part's key: part 3 of store 7 lies under -703.
_KEYS_A_STORE = 100

Key = tuple[int, int]


def part_key(store_id: int, product_id: int, part: int) -> Key:
    """Return the hash and range key of a part; part 0 is the stock row itself."""
    return (-(store_id * _KEYS_A_STORE + part) if part else store_id), product_id


def store_and_part(hash_key: int) -> tuple[int, int]:
    """Return whose row it is, and which part of the stock."""
    return (hash_key, 0) if hash_key > 0 else divmod(-hash_key, _KEYS_A_STORE)


def to_stock(row: StockRow, parts: tuple[int, ...] = ()) -> Stock:
    """Make the stock of a stock row and, if it is split, of the units in each of its parts."""
    return Stock(
        product_id=int(row.product_id),
        copy=ProductCopy(title=row.title, price=row.price),
        category_name=row.category_name,
        quantity=sum(parts) if parts else int(row.quantity),
        parts=parts,
    )


class StockParts:
    """The one place that reads, moves, splits and joins parts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = database.bind(StockRow, INVENTORY_TABLE)

    def whole(self, rows: Iterable[StockRow]) -> list[Stock]:
        """Return the stock of stock rows, of those that are split with the units of all parts.

        Rows that are not split cost nothing; those that are cost two consistent reads for all of them.
        """
        rows = list(rows)
        split, whole = [row for row in rows if row.parts], {}
        for _ in range(READS):
            if not split:
                break
            further = self._further(split)
            split = list(self._database.get_many(self._rows, map(_key, split), consistent=True))
            whole |= {_key(row): to_stock(row, _units(row, further)) for row in split}
            # Parts that are not of this splitting were read just before or after somebody changed it.
            split = [row for row in split if len(_of_splitting(row, further)) < (row.parts or 1) - 1]
        return [whole.get(_key(row)) or to_stock(row) for row in rows]

    def gather(self, store_id: int, product_id: int, units: int) -> None:
        """Move units into part 0 until it has as many, from the fullest parts first; none if there are fewer.

        Raises:
            Contended: orders took from the same parts meanwhile; another try may go better.
            Unavailable: the database gave no answer; the units may or may not have moved.
        """
        stock_row = self._stock_row(store_id, product_id)
        further = sorted(self._further_of(stock_row), key=lambda row: row.quantity, reverse=True)
        missing = units - int(stock_row.quantity)
        if sum(row.quantity for row in further) < missing:
            return
        moves = []
        for row in further:
            moved = min(int(row.quantity), missing)
            if moved > 0:
                moves.append((row, moved))
                missing -= moved
        if moves and not self._move(stock_row, moves):
            raise Contended("The parts of the stock keep changing.")

    def further_keys(self, store_id: int, product_id: int, parts: int | None) -> list[Key]:
        """Return the keys of all parts but part 0; none when the stock is not split."""
        return [part_key(store_id, product_id, part) for part in range(1, int(parts or 1))]

    def number_of_parts(self, store_id: int, product_id: int) -> int:
        """Return over how many rows the stock is split, read consistently; 1 when it is not.

        Raises:
            NotFound: the store does not carry the product.
        """
        return int(self._stock_row(store_id, product_id).parts or 1)

    def divide(self, store_id: int, product_id: int, parts: int) -> Stock:
        """Let the stock lie in so many parts, evenly; a split one is joined first.

        It is safe while orders are placed, and each step leaves stock that can be ordered.

        Args:
            store_id, product_id: whose stock of what.
            parts: 1 to `MAX_PARTS`; 1 joins them.

        Returns:
            The stock as it is then.

        Raises:
            NotFound: the store does not carry the product.
            Unavailable: orders left no gap for a minute, or there was no answer; the stock is whole, and
                in as many parts as before, or in one.
        """
        self._persist(lambda: self._join(store_id, product_id))
        if parts > 1:
            self._persist(lambda: self._split(store_id, product_id, parts))
        return self.whole([self._stock_row(store_id, product_id)])[0]

    def all_split(self) -> Iterator[tuple[int, Stock]]:
        """Yield every split stock with its store; this reads the whole table."""
        for row in self._rows.scan(StockRow.parts.exists() & (StockRow.store_id > 0)):
            yield int(row.store_id), self.whole([row])[0]

    def _persist(self, is_done: Callable[[], bool]) -> None:
        failure: Unavailable = Contended("Orders of this product left no gap.")
        for _ in tries(PATIENCE_SECONDS):
            try:
                if is_done():
                    return
            except Unavailable as error:
                failure = error
        raise failure

    def _split(self, store_id: int, product_id: int, parts: int) -> bool:
        """Split stock that is in one row; False if something stood in the way for now."""
        row = self._stock_row(store_id, product_id)
        if row.parts:
            # Done: by an earlier try whose answer got lost, or by somebody else.
            return True
        share = int(row.quantity) // parts
        split_id = secrets.token_hex(8)
        copies = {
            name: getattr(row, name)
            for name in ("title_key", "title", "price", "category_name", "product_version")
        }

        def fill(transaction: TransactWrite) -> None:
            transaction.update(
                self._rows(store_id, product_id),
                actions=[
                    StockRow.quantity.set(StockRow.quantity - share * (parts - 1)),
                    StockRow.parts.set(parts),
                    StockRow.split_id.set(split_id),
                ],
                condition=(StockRow.quantity >= share * (parts - 1))
                & StockRow.split_id.does_not_exist()
                & _same_copies(row),
            )
            for key in self.further_keys(store_id, product_id, parts):
                # What was ever supplied stays in part 0, for all of them.
                part = self._rows(*key, quantity=share, supplied=0, split_id=split_id, **copies)
                transaction.save(part, StockRow.quantity.does_not_exist())

        return self._commit(fill)

    def _join(self, store_id: int, product_id: int) -> bool:
        """Take a step towards one row: first the units move, then the empty rows go; True when they have."""
        stock_row = self._stock_row(store_id, product_id)
        if not stock_row.parts:
            return True
        further = self._further_of(stock_row)
        full = [row for row in further if row.quantity]
        # One by one, since each then waits only for the orders of its own part. An emptied part stays empty.
        for row in full:
            self._move(stock_row, [(row, int(row.quantity))])
        if full:
            return False

        def fill(transaction: TransactWrite) -> None:
            transaction.update(
                self._rows(store_id, product_id),
                actions=[StockRow.parts.remove(), StockRow.split_id.remove()],
                condition=StockRow.split_id == stock_row.split_id,
            )
            for row in further:
                transaction.delete(row, StockRow.quantity == 0)

        return self._commit(fill)

    def _move(self, stock_row: StockRow, moves: list[tuple[StockRow, int]]) -> bool:
        """Move so many units of each of the parts to part 0; False if something stood in the way."""

        def fill(transaction: TransactWrite) -> None:
            transaction.update(
                self._rows(*_key(stock_row)),
                actions=[StockRow.quantity.set(StockRow.quantity + sum(units for _, units in moves))],
                condition=StockRow.split_id == stock_row.split_id,
            )
            for row, units in moves:
                transaction.update(
                    self._rows(*_key(row)),
                    actions=[StockRow.quantity.set(StockRow.quantity - units)],
                    condition=(StockRow.quantity >= units) & (StockRow.split_id == stock_row.split_id),
                )

        return self._commit(fill)

    def _commit(self, fill: Callable[[TransactWrite], None]) -> bool:
        """Carry out a transaction; False if another try may go better."""
        try:
            with TransactWrite(connection=self._database.connection) as transaction:
                fill(transaction)
        except TransactWriteError as error:
            if not may_pass(error):
                raise
            return False
        return True

    def _stock_row(self, store_id: int, product_id: int) -> StockRow:
        try:
            return self._rows.get(store_id, product_id, consistent_read=True)
        except DoesNotExist:
            raise NotFound(f"Store {store_id} does not carry product {product_id}.") from None

    def _further_of(self, stock_row: StockRow) -> list[StockRow]:
        return list(_of_splitting(stock_row, self._further([stock_row])).values())

    def _further(self, stock_rows: Iterable[StockRow]) -> dict[Key, StockRow]:
        """Return the further parts of stock rows by their keys, whichever splitting they are of."""
        keys = [key for row in stock_rows for key in self.further_keys(*_key(row), row.parts)]
        return {_key(row): row for row in self._database.get_many(self._rows, keys, consistent=True)}


def _key(row: StockRow) -> Key:
    return int(row.store_id), int(row.product_id)


def _of_splitting(stock_row: StockRow, further: dict[Key, StockRow]) -> dict[int, StockRow]:
    """Return by number those parts that are of the same splitting as the stock row."""
    found = {}
    for part in range(1, int(stock_row.parts or 1)):
        row = further.get(part_key(*_key(stock_row), part))
        if row and row.split_id == stock_row.split_id:
            found[part] = row
    return found


def _units(stock_row: StockRow, further: dict[Key, StockRow]) -> tuple[int, ...]:
    """Return how many units lie in each part; nothing when the stock is not split."""
    if not stock_row.parts:
        return ()
    found = _of_splitting(stock_row, further)
    parts = range(1, int(stock_row.parts))
    return int(stock_row.quantity), *(int(found[part].quantity) if part in found else 0 for part in parts)


def _same_copies(row: StockRow) -> Condition:
    """Expect a row's copies of its product to be those that were read."""
    version = StockRow.product_version
    return (
        (StockRow.title == row.title)
        & (StockRow.price == row.price)
        & (StockRow.category_name == row.category_name)
        & (version.does_not_exist() if row.product_version is None else version == row.product_version)
    )
