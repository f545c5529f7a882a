"""What the order routes show (contract, "Store orders")."""

from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.orders.model import REJECTION_REASON, StoreOrder, StoreOrderStatus


class LineView(msgspec.Struct):
    """A line of a placed order; `id` is its number in the order."""

    id: int
    product: int
    product_title: str
    quantity_requested: int
    price: Decimal


class ShortageView(msgspec.Struct):
    """A line that the store could not fill."""

    product: int
    requested: int
    available: int


class StoreOrderView(msgspec.Struct):
    """A placed order; reason and shortages appear only when it was rejected."""

    id: int
    uid: str
    store: int
    status: str
    created_at: datetime
    items: list[LineView]
    amount: Decimal
    reason: str | UnsetType = UNSET
    shortages: list[ShortageView] | UnsetType = UNSET


class ListedLineView(msgspec.Struct):
    """A line in the list of a store's orders."""

    product_title: str
    quantity_requested: int


class ListedOrderView(msgspec.Struct):
    """An order in the list of a store's orders; `total_items` counts its lines."""

    id: int
    uid: str
    store: int
    status: str
    total_items: int
    created_at: datetime
    items: list[ListedLineView]


def placed_order(order: StoreOrder) -> StoreOrderView:
    """Show an order to whoever placed it."""
    view = StoreOrderView(
        id=order.id,
        uid=order.uid,
        store=order.store_id,
        status=order.status.value,
        created_at=order.created_at,
        items=[
            LineView(
                id=number,
                product=line.product_id,
                product_title=line.product_title,
                quantity_requested=line.quantity_requested,
                price=line.price,
            )
            for number, line in enumerate(order.lines, start=1)
        ],
        amount=order.amount,
    )
    if order.status is StoreOrderStatus.REJECTED:
        view.reason = REJECTION_REASON
        view.shortages = [
            ShortageView(shortage.product_id, shortage.requested, shortage.available)
            for shortage in order.shortages
        ]
    return view


def listed_order(order: StoreOrder) -> ListedOrderView:
    """Show an order in the list of its store."""
    return ListedOrderView(
        id=order.id,
        uid=order.uid,
        store=order.store_id,
        status=order.status.value,
        total_items=len(order.lines),
        created_at=order.created_at,
        items=[ListedLineView(line.product_title, line.quantity_requested) for line in order.lines],
    )
