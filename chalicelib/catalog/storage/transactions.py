"""The transactions of the catalogue: each change makes a new version of it, or does not happen."""

from collections.abc import Callable
from datetime import datetime

from pynamodb.expressions.condition import Condition

from chalicelib.catalog.model import Product
from chalicelib.catalog.storage.pending_edits import RETRY_SECONDS
from chalicelib.catalog.storage.repository import CatalogRepository
from chalicelib.catalog.storage.tables import (
    CATALOG_VERSION,
    CATEGORY,
    COUNTER,
    EDIT,
    LAST_PRODUCT_ID,
    PRODUCT,
    TABLE,
    CategoryRow,
    CounterRow,
    EditRow,
    ProductRow,
    product_row,
)
from chalicelib.platform.dynamodb.database import Database, condition_held
from chalicelib.platform.dynamodb.transaction import Transaction


class CatalogTransactions:
    """What changes the catalogue together with its version.

    The version is read first and asserted in the transaction that raises it, so that a change knows the
    version it makes. All changes meet at this one row, which takes some fifty a second: catalogues are
    edited by people.
    """

    def __init__(self, database: Database, catalog: CatalogRepository) -> None:
        self._catalog = catalog
        self._database = database
        self._counters = database.bind(CounterRow, TABLE)
        self._categories = database.bind(CategoryRow, TABLE)
        self._products = database.bind(ProductRow, TABLE)
        self._edits = database.bind(EditRow, TABLE)

    def version(self) -> int:
        """Return the catalogue's version, read consistently; 0 if nothing has changed it yet."""
        row = self._database.find(self._counters, COUNTER, CATALOG_VERSION)
        return int(row.value) if row else 0

    def next_product_id(self) -> int:
        """Return an id that no product has; no other call returns it."""
        row = self._counters(COUNTER, LAST_PRODUCT_ID)
        row.update([CounterRow.value.add(1)])
        return int(row.value)

    def skip_taken_ids(self) -> None:
        """Let the next product id be above those of all products, however they came there."""
        last = self._catalog.last_product_id()
        behind = CounterRow.value.does_not_exist() | (CounterRow.value < last)
        counter = self._counters(COUNTER, LAST_PRODUCT_ID)
        condition_held(lambda: counter.update([CounterRow.value.set(last)], behind))

    def raise_version(self) -> int:
        """Make a new version after changes that went past this class; return it."""
        row = self._counters(COUNTER, CATALOG_VERSION)
        row.update([CounterRow.value.add(1)])
        return int(row.value)

    def add(self, product: Product, now: datetime) -> int | None:
        """Store a new product; None if its id is taken or something else stood in the way for now.

        Args:
            product: its category must be there under that name.
            now: the moment that is noted as the change's.

        Returns:
            The catalogue's version that this made.
        """

        def fill(transaction: Transaction, version: int) -> None:
            transaction.put(
                product_row(self._products, product, now, version), ProductRow.id.does_not_exist()
            )
            self._expect_category(transaction, product)

        return self._commit(fill)

    def replace(self, product: Product, seen_version: int, now: datetime, *, copies: bool) -> int | None:
        """Store an edited product; None if it was edited meanwhile or something else stood in the way.

        Args:
            product: as it is to be; its category must be there under that name.
            seen_version: the version of the product that was edited.
            now: the moment that is noted as the change's.
            copies: whether stock rows hold copies of what changed.

        Returns:
            The catalogue's version that this made.
        """

        def fill(transaction: Transaction, version: int) -> None:
            transaction.put(product_row(self._products, product, now, version), _unchanged(seen_version))
            self._expect_category(transaction, product)
            if copies:
                due_at = int(now.timestamp()) + RETRY_SECONDS
                transaction.put(self._edits(EDIT, product.id, version=version, due_at=due_at))

        return self._commit(fill)

    def retire(self, product_id: int, seen_version: int, now: datetime) -> int | None:
        """Retire a product; None if it was edited meanwhile or something else stood in the way.

        Returns:
            The catalogue's version that this made.
        """

        def fill(transaction: Transaction, version: int) -> None:
            transaction.update(
                self._products(PRODUCT, product_id),
                actions=[
                    ProductRow.deleted_at.set(now),
                    ProductRow.updated_at.set(now),
                    ProductRow.version.set(version),
                ],
                condition=_unchanged(seen_version),
            )

        return self._commit(fill)

    def _commit(self, fill: Callable[[Transaction, int], None]) -> int | None:
        """Carry out a change under a new version; None if another try may go better."""
        seen = self.version()
        transaction = self._database.transaction()
        transaction.update(
            self._counters(COUNTER, CATALOG_VERSION),
            actions=[CounterRow.value.set(seen + 1)],
            condition=CounterRow.value == seen if seen else CounterRow.value.does_not_exist(),
        )
        fill(transaction, seen + 1)
        return None if transaction.commit() else seen + 1

    def _expect_category(self, transaction: Transaction, product: Product) -> None:
        transaction.check(
            self._categories,
            CATEGORY,
            product.category.id,
            condition=(CategoryRow.name == product.category.name) & CategoryRow.deleted_at.does_not_exist(),
        )


def _unchanged(seen_version: int) -> Condition:
    version = ProductRow.version
    condition: Condition = ProductRow.id.exists() & ProductRow.deleted_at.does_not_exist()
    condition &= version == seen_version if seen_version else version.does_not_exist()
    return condition
