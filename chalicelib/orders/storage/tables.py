"""The `orders` and `idempotency` tables, and orders as their rows."""

from typing import Any

from pynamodb.attributes import (
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from chalicelib.orders.model import (
    OrderKind,
    OrderLine,
    PersonalOrder,
    PersonalOrderStatus,
    Shortage,
    StoreOrder,
    StoreOrderStatus,
)
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


# What an order is and will always be, and its status: lists show orders whole. What workers note on it (when
# it is due, how far its confirmation is) is in no list; left out here, it costs a write of the table alone.
_OF_ANY_ORDER = ("kind", "status", "write_token", "created_at")
_OF_STORE_ORDERS = ("lines", "shortages", "customer_email")
_OF_PERSONAL_ORDERS = ("product_name", "quantity", "amount")


class ByStoreIndex(GlobalSecondaryIndex["OrderRow"]):
    """The orders of a store; ids are in order of time."""

    class Meta:
        index_name = "by_store"
        projection = IncludeProjection([*_OF_ANY_ORDER, "user_id", *_OF_STORE_ORDERS])

    store_id = NumberAttribute(hash_key=True)
    id = NumberAttribute(range_key=True)


class ByUserIndex(GlobalSecondaryIndex["OrderRow"]):
    """The orders of an account, of both kinds."""

    class Meta:
        index_name = "by_user"
        projection = IncludeProjection([*_OF_ANY_ORDER, "store_id", *_OF_STORE_ORDERS, *_OF_PERSONAL_ORDERS])

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
    the end of the lease as well. `taken_by` is a random token of the call that moved it last.
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
    taken_by = UnicodeAttribute(null=True)
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


def to_row(rows: type[OrderRow], order: StoreOrder | PersonalOrder, due_at: int | None) -> OrderRow:
    """Build the row of a new order; it is not saved yet.

    Args:
        rows: the bound row type.
        order: the order.
        due_at: epoch seconds at which the scheduled function looks after it, if it must.
    """
    content = _store_content(order) if isinstance(order, StoreOrder) else _personal_content(order)
    return rows(
        order.id,
        kind=order.kind.value,
        status=order.status.value,
        write_token=order.write_token,
        created_at=order.created_at,
        updated_at=order.created_at,
        user_id=order.user_id,
        due_at=due_at,
        due_shard=None if due_at is None else order.id % DUE_SHARDS,
        **content,
    )


def _store_content(order: StoreOrder) -> dict[str, Any]:
    return {
        "store_id": order.store_id,
        "customer_email": order.customer_email,
        "lines": [
            {
                "product_id": line.product_id,
                "product_title": line.product_title,
                "quantity_requested": line.quantity_requested,
                "price": line.price,
            }
            for line in order.lines
        ],
        "shortages": [
            {
                "product_id": shortage.product_id,
                "requested": shortage.requested,
                "available": shortage.available,
            }
            for shortage in order.shortages
        ]
        or None,
    }


def _personal_content(order: PersonalOrder) -> dict[str, Any]:
    return {
        "product_name": order.product_name,
        "quantity": order.quantity,
        "amount": order.amount,
    }


def to_order(row: OrderRow) -> StoreOrder | PersonalOrder:
    """Read an order of either kind from its row."""
    return to_personal_order(row) if row.kind == OrderKind.PERSONAL else to_store_order(row)


def to_personal_order(row: OrderRow) -> PersonalOrder:
    """Read a personal order from its row."""
    return PersonalOrder(
        id=int(row.id),
        created_at=row.created_at,
        write_token=row.write_token,
        user_id=int(row.user_id),
        status=PersonalOrderStatus(row.status),
        product_name=row.product_name,
        quantity=int(row.quantity),
        amount=row.amount,
    )


def to_store_order(row: OrderRow) -> StoreOrder:
    """Read a store order from its row."""
    return StoreOrder(
        id=int(row.id),
        created_at=row.created_at,
        write_token=row.write_token,
        user_id=None if row.user_id is None else int(row.user_id),
        store_id=int(row.store_id),
        status=StoreOrderStatus(row.status),
        lines=tuple(_line(line) for line in row.lines),
        shortages=tuple(_shortage(shortage) for shortage in row.shortages or ()),
        customer_email=row.customer_email,
    )


def _line(line: LineMap) -> OrderLine:
    return OrderLine(
        product_id=int(line.product_id),
        product_title=line.product_title,
        quantity_requested=int(line.quantity_requested),
        price=line.price,
    )


def _shortage(shortage: ShortageMap) -> Shortage:
    return Shortage(
        product_id=int(shortage.product_id),
        requested=int(shortage.requested),
        available=int(shortage.available),
    )
