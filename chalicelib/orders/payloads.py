"""Requests and answers of the order routes (contract, "Personal orders" and "Store orders")."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from chalicelib.api.bodies import NOT_VALID, either
from chalicelib.api.fields import EmailAddress, Id, TextLine
from chalicelib.errors import InvalidInput
from chalicelib.money import parse_amount
from chalicelib.orders.model import (
    MAX_PRODUCTS,
    MAX_QUANTITY,
    REJECTION_REASON,
    OrderKind,
    PersonalOrder,
    PersonalOrderRequest,
    PersonalOrderStatus,
    StoreOrder,
    StoreOrderRequest,
    StoreOrderStatus,
    add_up,
)

# More than the 50 products of an order, since lines of the same product are added together.
MAX_LINES = 500

Quantity = Annotated[int, Meta(ge=1, le=MAX_QUANTITY)]


class PersonalOrderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /orders` for a personal order."""

    product_name: TextLine
    quantity: Quantity
    # Kept as it was written: a decoder to Decimal would take " 1_0" and digits of any script.
    amount: Raw

    def request(self, user_id: int) -> PersonalOrderRequest:
        """Return what the account orders.

        Raises:
            InvalidInput: the amount is not an amount of money.
        """
        try:
            amount = parse_amount(bytes(self.amount).decode().strip('"'))
        except ValueError as error:
            raise InvalidInput(NOT_VALID, {"amount": [str(error)]}) from error
        return PersonalOrderRequest(user_id, self.product_name, self.quantity, amount)


class OrderItemBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a store order's body."""

    product_id: Id
    quantity_requested: Quantity


class StoreOrderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /orders` for an order from a store's stock."""

    store_id: Id
    items: Annotated[tuple[OrderItemBody, ...], Meta(min_length=1, max_length=MAX_LINES)]
    customer_email: EmailAddress | None = None

    def request(self, user_id: int | None) -> StoreOrderRequest:
        """Return what is ordered, with lines of the same product added together.

        Raises:
            InvalidInput: more products, or more units of one product, than an order may have.
        """
        wanted = add_up((item.product_id, item.quantity_requested) for item in self.items)
        request = StoreOrderRequest(self.store_id, wanted, self.customer_email, user_id)
        if request.has_too_many_products:
            detail = f"An order has {MAX_PRODUCTS} different products at the most."
            raise InvalidInput(detail, {"items": [detail]})
        if excessive := request.excessive_products:
            detail = f"An order has {MAX_QUANTITY} units of a product at the most."
            lines = self.lines_of(excessive)
            raise InvalidInput(detail, {f"{line}.quantity_requested": [detail] for line in lines})
        return request

    def lines_of(self, product_ids: Collection[int]) -> list[str]:
        """Name the lines that ask for any of these products, e.g. `items[0]`."""
        return [f"items[{index}]" for index, item in enumerate(self.items) if item.product_id in product_ids]


# The body of `POST /orders`.
ORDER_BODY = either(
    StoreOrderBody,
    PersonalOrderBody,
    detail=(
        "An order is either {store_id, items: [{product_id, quantity_requested}]}, from a store's stock, "
        "or {product_name, quantity, amount}, an order of your own."
    ),
    signed_in={PersonalOrderBody: "An order of your own needs an account: log in and send its access token."},
)


class OwnOrdersQuery(msgspec.Struct, frozen=True):
    """Which page of the caller's own orders."""

    page_size: Annotated[int, Meta(ge=1, le=100)] = 10
    cursor: str | None = None


class OrderLinePayload(msgspec.Struct, frozen=True):
    """A line of a placed order; `id` is its number in the order, from 1."""

    id: int
    product: int
    product_title: str
    quantity_requested: int
    price: Decimal


class ShortagePayload(msgspec.Struct, frozen=True):
    """A line that the store could not fill."""

    product: int
    requested: int
    available: int


class StoreOrderPayload(msgspec.Struct, frozen=True):
    """A whole store order; reason and shortages appear only when it was rejected."""

    id: int
    uid: str
    kind: OrderKind
    store: int
    status: StoreOrderStatus
    created_at: datetime
    items: list[OrderLinePayload]
    amount: Decimal
    reason: str | UnsetType = UNSET
    shortages: list[ShortagePayload] | UnsetType = UNSET

    @classmethod
    def of(cls, order: StoreOrder) -> "StoreOrderPayload":
        """Show a store order to the one who placed it."""
        rejected = order.status is StoreOrderStatus.REJECTED
        return cls(
            id=order.id,
            uid=order.uid,
            kind=order.kind,
            store=order.store_id,
            status=order.status,
            created_at=order.created_at,
            items=[
                OrderLinePayload(
                    id=number,
                    product=line.product_id,
                    product_title=line.product_title,
                    quantity_requested=line.quantity_requested,
                    price=line.price,
                )
                for number, line in enumerate(order.lines, start=1)
            ],
            amount=order.amount,
            reason=REJECTION_REASON if rejected else UNSET,
            shortages=[
                ShortagePayload(shortage.product_id, shortage.requested, shortage.available)
                for shortage in order.shortages
            ]
            if rejected
            else UNSET,
        )


class ListedLinePayload(msgspec.Struct, frozen=True):
    """A line in the list of a store's orders."""

    product_title: str
    quantity_requested: int


class ListedStoreOrderPayload(msgspec.Struct, frozen=True):
    """An order in the list of its store; `total_items` is the number of its lines."""

    id: int
    uid: str
    store: int
    status: StoreOrderStatus
    total_items: int
    created_at: datetime
    items: list[ListedLinePayload]

    @classmethod
    def of(cls, order: StoreOrder) -> "ListedStoreOrderPayload":
        """Show an order to anyone: without who placed it."""
        return cls(
            id=order.id,
            uid=order.uid,
            store=order.store_id,
            status=order.status,
            total_items=len(order.lines),
            created_at=order.created_at,
            items=[ListedLinePayload(line.product_title, line.quantity_requested) for line in order.lines],
        )


class ListedOwnOrderPayload(msgspec.Struct, frozen=True):
    """An order of either kind in the list of its owner; the lines of a store order are summed up."""

    uid: str
    kind: OrderKind
    product_name: str
    quantity: int
    amount: Decimal
    status: str
    created_at: datetime

    @classmethod
    def of(cls, order: StoreOrder | PersonalOrder) -> "ListedOwnOrderPayload":
        """Show an order in one line."""
        if isinstance(order, StoreOrder):
            first, more = order.lines[0], len(order.lines) - 1
            product_name = f"{first.product_title} and {more} more" if more else first.product_title
            quantity = sum(line.quantity_requested for line in order.lines)
        else:
            product_name, quantity = order.product_name, order.quantity
        return cls(
            uid=order.uid,
            kind=order.kind,
            product_name=product_name,
            quantity=quantity,
            amount=order.amount,
            status=order.status.value,
            created_at=order.created_at,
        )


class OwnOrdersPayload(msgspec.Struct, frozen=True):
    """A page of the caller's own orders, with links to its neighbours."""

    next: str | None
    previous: str | None
    results: list[ListedOwnOrderPayload]


class PersonalOrderPayload(msgspec.Struct, frozen=True):
    """A whole personal order."""

    id: int
    uid: str
    kind: OrderKind
    product_name: str
    quantity: int
    amount: Decimal
    status: PersonalOrderStatus
    created_at: datetime

    @classmethod
    def of(cls, order: PersonalOrder) -> "PersonalOrderPayload":
        """Show a personal order to its owner."""
        return cls(
            id=order.id,
            uid=order.uid,
            kind=order.kind,
            product_name=order.product_name,
            quantity=order.quantity,
            amount=order.amount,
            status=order.status,
            created_at=order.created_at,
        )


class OrderMessagePayload(msgspec.Struct, frozen=True):
    """What was done with an order; `order_id` is its uid."""

    order_id: str
    message: str


def own_order(order: StoreOrder | PersonalOrder) -> StoreOrderPayload | PersonalOrderPayload:
    """Show a whole order of either kind to its owner."""
    return StoreOrderPayload.of(order) if isinstance(order, StoreOrder) else PersonalOrderPayload.of(order)
