"""The `orders` and `idempotency` tables."""

from typing import Any

from pynamodb.attributes import (
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from chalicelib.platform.dynamodb.attributes import MoneyAttribute, TimestampAttribute

ORDERS_TABLE = "orders"
IDEMPOTENCY_TABLE = "idempotency"

# Writes to the sparse index spread over this many hash keys, each good for 1,000 a second.
DUE_SHARDS = 16


class LineMap(MapAttribute[str, Any]):
    """An order line inside its order."""

    product_id = NumberAttribute()
    product_title = UnicodeAttribute()
    quantity_requested = NumberAttribute()
    price = MoneyAttribute()


class ShortageMap(MapAttribute[str, Any]):
    """A shortage inside the rejected order."""

    product_id = NumberAttribute()
    requested = NumberAttribute()
    available = NumberAttribute()


class ByStoreIndex(GlobalSecondaryIndex["OrderRow"]):
    """The orders of a store; ids are in order of time."""

    class Meta:
        index_name = "by_store"
        projection = AllProjection()

    store_id = NumberAttribute(hash_key=True)
    id = NumberAttribute(range_key=True)


class ByUserIndex(GlobalSecondaryIndex["OrderRow"]):
    """The orders of an account, of both kinds."""

    class Meta:
        index_name = "by_user"
        projection = AllProjection()

    user_id = NumberAttribute(hash_key=True)
    id = NumberAttribute(range_key=True)


class DueIndex(GlobalSecondaryIndex["OrderRow"]):
    """Only the orders with work left: those without a `due_shard` are not in it."""

    class Meta:
        index_name = "due"
        projection = IncludeProjection(["kind"])

    due_shard = NumberAttribute(hash_key=True)
    due_at = NumberAttribute(range_key=True)


class OrderRow(Model):
    """An order of either kind; which attributes it has depends on its kind.

    `due_at` (epoch seconds) says when the scheduled function is to look after the order; it goes away
    together with `due_shard` once there is nothing left to do. For a personal order in processing it is
    the end of the lease as well.
    """

    id = NumberAttribute(hash_key=True)
    kind = UnicodeAttribute()
    status = UnicodeAttribute()
    write_token = UnicodeAttribute()
    created_at = TimestampAttribute()
    updated_at = TimestampAttribute()
    deleted_at = TimestampAttribute(null=True)
    user_id = NumberAttribute(null=True)
    product_name = UnicodeAttribute(null=True)
    quantity = NumberAttribute(null=True)
    amount = MoneyAttribute(null=True)
    store_id = NumberAttribute(null=True)
    lines = ListAttribute(of=LineMap, null=True)
    shortages = ListAttribute(of=ShortageMap, null=True)
    customer_email = UnicodeAttribute(null=True)
    due_shard = NumberAttribute(null=True)
    due_at = NumberAttribute(null=True)
    confirmation_leased_until = NumberAttribute(null=True)
    confirmation_sent_at = TimestampAttribute(null=True)
    by_store = ByStoreIndex()
    by_user = ByUserIndex()
    due = DueIndex()


class IdempotencyRow(Model):
    """Which order a caller's idempotency key belongs to; DynamoDB deletes it after `expires_at`."""

    key = UnicodeAttribute(hash_key=True)
    order_id = NumberAttribute()
    fingerprint = UnicodeAttribute()
    expires_at = TTLAttribute()
