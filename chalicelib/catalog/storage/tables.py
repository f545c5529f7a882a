"""The `catalog` table: categories and products, each kind under one hash key in order of its ids.

Beside them stand the counters, and the edits whose copies elsewhere have not followed yet.
"""

from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.catalog.model import Category, Product
from chalicelib.platform.dynamodb.attributes import MoneyAttribute, TimestampAttribute

TABLE = "catalog"
CATEGORY = "category"
PRODUCT = "product"
COUNTER = "counter"
EDIT = "edit"

# The ids of the counters.
CATALOG_VERSION = 1
LAST_PRODUCT_ID = 2


class ByCategoryIndex(GlobalSecondaryIndex["ProductRow"]):
    """The products of a category, by id."""

    class Meta:
        index_name = "by_category"
        projection = AllProjection()

    category_id = NumberAttribute(hash_key=True)
    id = NumberAttribute(range_key=True)


class CatalogTable(Model):
    """What all kinds of row share."""

    kind = UnicodeAttribute(hash_key=True)
    id = NumberAttribute(range_key=True)
    by_category = ByCategoryIndex()


class CatalogRow(CatalogTable):
    """What categories and products share."""

    created_at = TimestampAttribute()
    updated_at = TimestampAttribute()
    deleted_at = TimestampAttribute(null=True)


class CategoryRow(CatalogRow):
    """A category."""

    name = UnicodeAttribute()


class ProductRow(CatalogRow):
    """A product, with a copy of its category's name so that showing it is one read.

    `version` is the catalogue's version that the product's last edit made; seeded products have none.
    """

    title = UnicodeAttribute()
    description = UnicodeAttribute()
    price = MoneyAttribute()
    category_id = NumberAttribute()
    category_name = UnicodeAttribute()
    version = NumberAttribute(null=True)


class CounterRow(CatalogTable):
    """A number that only grows."""

    value = NumberAttribute()


class EditRow(CatalogTable):
    """An edit of the product with this id that the copies on stock rows have not followed yet.

    Written with the edit and deleted when they have, so that none is forgotten when a queue is down.
    `due_at` (epoch seconds) says when the scheduled function looks after it.
    """

    version = NumberAttribute()
    due_at = NumberAttribute()


def product_row(
    rows: type[ProductRow], product: Product, updated_at: datetime, version: int | None = None
) -> ProductRow:
    """Return the row of a product, not yet stored.

    Args:
        rows: the model, bound to its table.
        product: what it holds.
        updated_at: the moment of the change.
        version: the catalogue's version that the change made; None for a product as it was seeded.
    """
    return rows(
        PRODUCT,
        product.id,
        title=product.title,
        description=product.description,
        price=product.price,
        category_id=product.category.id,
        category_name=product.category.name,
        created_at=product.created_at,
        updated_at=updated_at,
        version=version,
    )


def to_product(row: ProductRow) -> Product:
    """Read a product from its row."""
    return Product(
        id=int(row.id),
        title=row.title,
        description=row.description,
        price=row.price,
        category=Category(id=int(row.category_id), name=row.category_name),
        created_at=row.created_at,
    )
