"""What the order routes show (contract, "Personal orders" and "Store orders")."""

from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.orders.model import REJECTION_REASON, PersonalOrder, StoreOrder, StoreOrderStatus


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
    """A store order, whole; reason and shortages appear only when it was rejected."""

    id: int
    uid: str
    kind: str
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


class ListedOwnOrderView(msgspec.Struct):
    """An order in the list of its owner; a store order's lines are summed up."""

    uid: str
    kind: str
    product_name: str
    quantity: int
    amount: Decimal
    status: str
    created_at: datetime


class PersonalOrderView(ListedOwnOrderView):
    """A personal order, whole."""

    id: int


class OrderMessageView(msgspec.Struct):
    """What was done with an order, which is named by its uid."""

    order_id: str
    message: str


def own_order(order: StoreOrder | PersonalOrder) -> StoreOrderView | PersonalOrderView:
    """Show an order to its owner, whole."""
    if isinstance(order, StoreOrder):
        return placed_order(order)
    return PersonalOrderView(**msgspec.structs.asdict(listed_own_order(order)), id=order.id)


def listed_own_order(order: StoreOrder | PersonalOrder) -> ListedOwnOrderView:
    """Show an order in the list of its owner."""
    if isinstance(order, StoreOrder):
        first, more = order.lines[0], len(order.lines) - 1
        product_name = f"{first.product_title} and {more} more" if more else first.product_title
        quantity = sum(line.quantity_requested for line in order.lines)
    else:
        product_name, quantity = order.product_name, order.quantity
    return ListedOwnOrderView(
        uid=order.uid,
        kind=order.kind.value,
        product_name=product_name,
        quantity=quantity,
        amount=order.amount,
        status=order.status.value,
        created_at=order.created_at,
    )


def placed_order(order: StoreOrder) -> StoreOrderView:
    """Show a store order to whoever placed it."""
    view = StoreOrderView(
        id=order.id,
        uid=order.uid,
        kind=order.kind.value,
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
