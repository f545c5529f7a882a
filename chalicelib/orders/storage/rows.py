"""Orders as rows, and rows as orders."""

from typing import Any

from chalicelib.orders.model import (
    OrderKind,
    OrderLine,
    PersonalOrder,
    PersonalOrderStatus,
    Shortage,
    StoreOrder,
    StoreOrderStatus,
)
from chalicelib.orders.storage.tables import (
    DUE_SHARDS,
    LineMap,
    OrderRow,
    ShortageMap,
)


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
