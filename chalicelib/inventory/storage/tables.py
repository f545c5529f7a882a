"""The `stores` and `inventory` tables, and the one place that knows what stock rows copy of products."""

from typing import Any

from msgspec import Struct
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection, LocalSecondaryIndex
from pynamodb.models import Model

from chalicelib.catalog.model import ProductCopy
from chalicelib.inventory.model import Stock
from chalicelib.money import CENT
from chalicelib.platform.dynamodb import items
from chalicelib.platform.dynamodb.attributes import MoneyAttribute, TimestampAttribute
from chalicelib.platform.dynamodb.items import Amount, Text, Whole

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


class StockItem(Struct, frozen=True, gc=False):
    """What a listing needs of a `StockRow`, read straight from DynamoDB's answer."""

    store_id: Whole
    product_id: Whole
    title_key: Text
    title: Text
    price: Amount
    category_name: Text
    quantity: Whole
    shards: Whole | None = None
    split_id: Text | None = None

    def stock(self) -> Stock:
        """Make the stock of a row that is not split."""
        copy = ProductCopy(self.title.S, self.price.N.quantize(CENT), self.category_name.S)
        return Stock(self.product_id.N, copy, self.quantity.N)


def item_key(store_id: int, product_id: int) -> items.Key:
    """Return the key of a stock row as it goes over the wire."""
    return {"store_id": {"N": str(store_id)}, "product_id": {"N": str(product_id)}}


# In decimal, so that a person sees the store in a shard's key: shard 3 of store 7 lies under -703.
_KEYS_A_STORE = 100

Key = tuple[int, int]


def shard_key(store_id: int, product_id: int, shard: int) -> Key:
    """Return the hash and range key of a shard; shard 0 is the stock row itself."""
    return (-(store_id * _KEYS_A_STORE + shard) if shard else store_id), product_id


def store_and_shard(hash_key: int) -> tuple[int, int]:
    """Return whose row it is, and which shard of the stock."""
    return (hash_key, 0) if hash_key > 0 else divmod(-hash_key, _KEYS_A_STORE)


def key_of(row: StockRow) -> Key:
    """Return a row's own key."""
    return int(row.store_id), int(row.product_id)


def to_stock(row: StockRow, shards: tuple[int, ...] = ()) -> Stock:
    """Make the stock of a stock row and, if it is split, of the units in each of its shards."""
    return Stock(
        product_id=int(row.product_id),
        copy=copy_of(row),
        quantity=sum(shards) if shards else int(row.quantity),
        shards=shards,
    )


def title_key(title: str) -> str:
    """Return what stock rows are sorted by: the title without regard to case."""
    return title.casefold()


def copy_of(row: StockRow) -> ProductCopy:
    """Return what a row holds of its product."""
    return ProductCopy(row.title, row.price, row.category_name)


def copy_attributes(copy: ProductCopy) -> dict[str, Any]:
    """Return the attributes that hold a copy, as a new row is made with them."""
    return {
        "title": copy.title,
        "title_key": title_key(copy.title),
        "price": copy.price,
        "category_name": copy.category_name,
    }


def set_copy(copy: ProductCopy, version: int | None) -> list[Action]:
    """Return the actions that bring a row's copy up to the catalogue's version, if an edit made one."""
    attributes = copy_attributes(copy) | ({} if version is None else {"product_version": version})
    return [getattr(StockRow, name).set(value) for name, value in attributes.items()]


def has_version_of(row: StockRow) -> Condition:
    """Return the condition that a row's copy is of the same edit as when it was read."""
    version = StockRow.product_version
    return version.does_not_exist() if row.product_version is None else version == row.product_version


def has_copy_of(row: StockRow) -> Condition:
    """Return the condition that a row's copy is the same as when it was read."""
    condition = has_version_of(row)
    for name, value in copy_attributes(copy_of(row)).items():
        condition &= getattr(StockRow, name) == value
    return condition
