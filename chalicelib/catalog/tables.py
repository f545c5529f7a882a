"""The `catalog` table: categories and products, each kind under one hash key in order of its ids."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.database import MomentAttribute, MoneyAttribute

TABLE = "catalog"
CATEGORY = "category"
PRODUCT = "product"


class ByCategoryIndex(GlobalSecondaryIndex):
    """The products of a category, by id."""

    class Meta:
        index_name = "by_category"
        projection = AllProjection()

    category_id = NumberAttribute(hash_key=True)
    id = NumberAttribute(range_key=True)


class CatalogRow(Model):
    """What both kinds of row share."""

    kind = UnicodeAttribute(hash_key=True)
    id = NumberAttribute(range_key=True)
    created_at = MomentAttribute()
    updated_at = MomentAttribute()
    deleted_at = MomentAttribute(null=True)
    by_category = ByCategoryIndex()


class CategoryRow(CatalogRow):
    """A category."""

    name = UnicodeAttribute()


class ProductRow(CatalogRow):
    """A product, with a copy of its category's name so that showing it is one read."""

    title = UnicodeAttribute()
    description = UnicodeAttribute()
    price = MoneyAttribute()
    category_id = NumberAttribute()
    category_name = UnicodeAttribute()
