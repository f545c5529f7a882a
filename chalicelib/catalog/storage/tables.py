"""The `catalog` table: categories and products, each kind under one hash key in order of its ids.

Beside them stand the counters, and the edits whose copies elsewhere have not followed yet.
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

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
