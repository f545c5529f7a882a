"""Reading the catalogue."""

from collections.abc import Iterable

from chalicelib.catalog.model import Category, Product
from chalicelib.catalog.tables import CATEGORY, PRODUCT, TABLE, CategoryRow, ProductRow
from chalicelib.database import Database
from chalicelib.errors import NotFound


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
        living = ProductRow.deleted_at.does_not_exist()
        if category_id is None:
            rows = self._products.query(
                PRODUCT, ProductRow.id > (after or 0), filter_condition=living, limit=limit
            )
        else:
            rows = self._products.by_category.query(
                category_id, ProductRow.id > (after or 0), filter_condition=living, limit=limit
            )
        return [_product(row) for row in rows]

    def product(self, product_id: int) -> Product:
        """Return one product.

        Raises:
            NotFound: there is no such product, or it is retired.
        """
        for product in self.products_by_id([product_id]):
            return product
        raise NotFound(f"There is no product {product_id}.")

    def products_by_id(self, product_ids: Iterable[int]) -> list[Product]:
        """Return those of the products that exist, in no order."""
        keys = [(PRODUCT, product_id) for product_id in product_ids]
        rows = self._database.get_many(self._products, keys, consistent=False)
        return [_product(row) for row in rows if row.deleted_at is None]


def _product(row: ProductRow) -> Product:
    return Product(
        id=int(row.id),
        title=row.title,
        description=row.description,
        price=row.price,
        category=Category(id=int(row.category_id), name=row.category_name),
        created_at=row.created_at,
    )
