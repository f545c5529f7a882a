"""Writing seed rows in batches; existing rows are never overwritten."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from pynamodb.models import Model

from chalicelib.catalog.model import Category, Product
from chalicelib.catalog.storage.repository import CatalogRepository
from chalicelib.catalog.storage.tables import CATEGORY, CategoryRow, ProductRow, product_row
from chalicelib.catalog.storage.tables import TABLE as CATALOG_TABLE
from chalicelib.catalog.storage.transactions import CatalogTransactions
from chalicelib.inventory.model import Stock, Store
from chalicelib.inventory.storage.tables import (
    INVENTORY_TABLE,
    STORE,
    STORES_TABLE,
    StockRow,
    StoreRow,
    copy_attributes,
)
from chalicelib.platform.dynamodb.database import BATCH_GET_LIMIT, Database
from infra.ops.seed.catalogue import FIRST_DAY, Catalogue

THREADS = 4

Chunk = tuple[type[Model], list[Model]]


class SeedWriter:
    """Writes a catalogue's rows into the tables of one stage.

    Args:
        database: the stage's tables.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._categories = database.bind(CategoryRow, CATALOG_TABLE)
        self._products = database.bind(ProductRow, CATALOG_TABLE)
        self._stores = database.bind(StoreRow, STORES_TABLE)
        self._stock = database.bind(StockRow, INVENTORY_TABLE)

    def write(self, catalogue: Catalogue, advance: Callable[[int], None]) -> int:
        """Write what is missing, and make a new version of the catalogue if anything was.

        Args:
            catalogue: the rows.
            advance: called after each batch with its number of rows.

        Returns:
            How many rows were new.
        """
        written = self._write_rows(catalogue, advance)
        transactions = CatalogTransactions(self._database, CatalogRepository(self._database))
        # An interrupted run may have written rows without raising the version.
        if written or not transactions.version():
            transactions.skip_taken_ids()
            transactions.raise_version()
        return written

    def _write_rows(self, catalogue: Catalogue, advance: Callable[[int], None]) -> int:
        written = 0
        with ThreadPoolExecutor(THREADS) as pool:
            for size, new in pool.map(self._write_missing, self._chunks(catalogue)):
                written += new
                advance(size)
        return written

    def _chunks(self, catalogue: Catalogue) -> Iterator[Chunk]:
        yield from _chunked(self._categories, map(self._category_row, catalogue.categories()))
        yield from _chunked(self._products, map(self._product_row, catalogue.products()))
        yield from _chunked(self._stores, map(self._store_row, catalogue.stores()))
        for store in catalogue.stores():
            rows = (self._stock_row(store.id, stock) for stock in catalogue.stock(store.id))
            yield from _chunked(self._stock, rows)

    def _write_missing(self, chunk: Chunk) -> tuple[int, int]:
        bound, rows = chunk
        present = {_key(row) for row in self._database.get_many(bound, map(_key, rows), consistent=True)}
        missing = [row for row in rows if _key(row) not in present]
        with bound.batch_write() as batch:
            for row in missing:
                batch.save(row)
        return len(rows), len(missing)

    def _category_row(self, category: Category) -> CategoryRow:
        return self._categories(
            CATEGORY, category.id, name=category.name, created_at=FIRST_DAY, updated_at=FIRST_DAY
        )

    def _product_row(self, product: Product) -> ProductRow:
        return product_row(self._products, product, product.created_at)

    def _store_row(self, store: Store) -> StoreRow:
        return self._stores(
            STORE,
            store.id,
            name=store.name,
            location=store.location,
            created_at=FIRST_DAY,
            updated_at=FIRST_DAY,
        )

    def _stock_row(self, store_id: int, stock: Stock) -> StockRow:
        return self._stock(
            store_id,
            stock.product_id,
            quantity=stock.quantity,
            supplied=stock.quantity,
            **copy_attributes(stock.copy),
        )


def _chunked(bound: type[Model], rows: Iterable[Model]) -> Iterator[Chunk]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, BATCH_GET_LIMIT)):
        yield bound, chunk


def _key(row: Any) -> tuple[Any, Any]:
    return getattr(row, row._hash_keyname), getattr(row, row._range_keyname)
