"""Reading the catalogue."""

from collections.abc import Iterable
from typing import TypeVar

from chalicelib.catalog.model import Category, Edition, Product
from chalicelib.catalog.storage.tables import (
    CATEGORY,
    PRODUCT,
    TABLE,
    CatalogRow,
    CategoryRow,
    ProductRow,
    to_product,
)
from chalicelib.errors import NotFound
from chalicelib.platform.dynamodb.database import Database

Row = TypeVar("Row", bound=CatalogRow)


class CatalogRepository:
    """Categories and products as they are stored; retired ones are not shown."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._categories = database.bind(CategoryRow, TABLE)
        self._products = database.bind(ProductRow, TABLE)

    def categories(self, after: int | None, limit: int) -> list[Category]:
        """Return up to `limit` categories after the one with id `after`, by id."""
        rows = self._categories.query(
            CATEGORY,
            CategoryRow.id > (after or 0),
            filter_condition=CategoryRow.deleted_at.does_not_exist(),
            limit=limit,
        )
        return [Category(id=int(row.id), name=row.name) for row in rows]

    def products(self, after: int | None, limit: int, category_id: int | None = None) -> list[Product]:
        """Return up to `limit` products after the one with id `after`, by id, perhaps of one category."""
        active = ProductRow.deleted_at.does_not_exist()
        if category_id is None:
            rows = self._products.query(
                PRODUCT, ProductRow.id > (after or 0), filter_condition=active, limit=limit
            )
        else:
            rows = self._products.by_category.query(
                category_id, ProductRow.id > (after or 0), filter_condition=active, limit=limit
            )
        return [to_product(row) for row in rows]

    def product(self, product_id: int) -> Product:
        """Return one product, read consistently.

        Raises:
            NotFound: there is no such product, or it is retired.
        """
        return self.edition(product_id).product

    def category(self, category_id: int) -> Category:
        """Return one category, read consistently.

        Raises:
            NotFound: there is no such category, or it is retired.
        """
        row = self._active(self._categories, CATEGORY, category_id)
        return Category(id=int(row.id), name=row.name)

    def edition(self, product_id: int) -> Edition:
        """Return a product with the version that its last edit made, read consistently.

        Raises:
            NotFound: there is no such product, or it is retired.
        """
        row = self._active(self._products, PRODUCT, product_id)
        return Edition(to_product(row), int(row.version or 0))

    def last_product_id(self) -> int:
        """Return the largest id of any product, retired ones included, read consistently; 0 without any."""
        rows = self._products.query(PRODUCT, scan_index_forward=False, limit=1, consistent_read=True)
        return max((int(row.id) for row in rows), default=0)

    def products_between(self, first_id: int, last_id: int) -> list[Product]:
        """Return all products with ids from the one to the other, by id, read consistently."""
        rows = self._products.query(
            PRODUCT,
            ProductRow.id.between(first_id, last_id),
            filter_condition=ProductRow.deleted_at.does_not_exist(),
            consistent_read=True,
        )
        return [to_product(row) for row in rows]

    def products_by_id(self, product_ids: Iterable[int]) -> list[Product]:
        """Return those of the products that exist, in no order."""
        keys = [(PRODUCT, product_id) for product_id in product_ids]
        rows = self._database.get_many(self._products, keys, consistent=False)
        return [to_product(row) for row in rows if row.deleted_at is None]

    def _active(self, rows: type[Row], kind: str, row_id: int) -> Row:
        """Return a row that is there and not retired, read consistently."""
        row = self._database.find(rows, kind, row_id)
        if row is None or row.deleted_at is not None:
            raise NotFound(f"There is no {kind} {row_id}.")
        return row
