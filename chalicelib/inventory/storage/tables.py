"""The `stores` and `inventory` tables."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection, LocalSecondaryIndex
from pynamodb.models import Model

from chalicelib.platform.dynamodb.attributes import MoneyAttribute, TimestampAttribute

STORES_TABLE = "stores"
INVENTORY_TABLE = "inventory"
STORE = "store"


class StoreRow(Model):
    """A store; all stores share one hash key, so that listing them is a query in order of their ids."""

    kind = UnicodeAttribute(hash_key=True, default=STORE)
    id = NumberAttribute(range_key=True)
    name = UnicodeAttribute()
    location = UnicodeAttribute()
    created_at = TimestampAttribute()
    updated_at = TimestampAttribute()
    deleted_at = TimestampAttribute(null=True)


class ByTitleIndex(LocalSecondaryIndex["StockRow"]):
    """A store's stock by title; local, because only a local index can be read consistently."""

    class Meta:
        index_name = "by_title"
        projection = AllProjection()

    store_id = NumberAttribute(hash_key=True)
    title_key = UnicodeAttribute(range_key=True)


class ByProductIndex(GlobalSecondaryIndex["StockRow"]):
    """The stores that carry a product, by id."""

    class Meta:
        index_name = "by_product"
        projection = KeysOnlyProjection()

    product_id = NumberAttribute(hash_key=True)
    store_id = NumberAttribute(range_key=True)


class StockRow(Model):
    """The stock of one product in one store, with the copies of the product that listings and orders show.

    `supplied` is all that was ever put in by seeding or by hand: what changes `quantity` other than an order
    or its cancellation changes both in one update. `infra.ops.reconcile` compares it with the orders.

    `product_version` is the catalogue's version of the edit that the copies are of; they have none until
    the product is edited for the first time.

    The stock of a hot product may be split over several rows (`shards.py`): then this one says how many
    `shards` there are, and it and the others share a `split_id`.
    """

    store_id = NumberAttribute(hash_key=True)
    product_id = NumberAttribute(range_key=True)
    title_key = UnicodeAttribute()
    title = UnicodeAttribute()
    price = MoneyAttribute()
    category_name = UnicodeAttribute()
    quantity = NumberAttribute()
    supplied = NumberAttribute()
    product_version = NumberAttribute(null=True)
    shards = NumberAttribute(null=True)
    split_id = UnicodeAttribute(null=True)
    by_title = ByTitleIndex()
    by_product = ByProductIndex()
