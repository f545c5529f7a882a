"""What the order routes accept (contract, "Personal orders" and "Store orders")."""

from collections.abc import Collection
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from chalicelib.api.fields import EmailAddress, Id, TextLine
from chalicelib.errors import InvalidInput
from chalicelib.money import parse_amount
from chalicelib.orders.model import (
    MAX_PRODUCTS,
    MAX_QUANTITY,
    PersonalOrderRequest,
    StoreOrderRequest,
    add_up,
)

# More than the 50 products of an order, since lines of the same product are added together.
MAX_LINES = 500

Quantity = Annotated[int, Meta(ge=1, le=MAX_QUANTITY)]


class PersonalOrderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /orders` for an order of one's own."""

    product_name: TextLine
    quantity: Quantity
    # Kept as it was written: a decoder to Decimal would take " 1_0" and digits of any script.
    amount: Raw


class StoreOrderItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the request."""

    product_id: Id
    quantity_requested: Quantity


class StoreOrderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /orders` for an order from a store's stock."""

    store_id: Id
    items: Annotated[tuple[StoreOrderItem, ...], Meta(min_length=1, max_length=MAX_LINES)]
    customer_email: EmailAddress | None = None


class OrderFields(msgspec.Struct, frozen=True):
    """Which fields a body has, whatever is in them."""

    product_name: Raw | UnsetType = UNSET
    quantity: Raw | UnsetType = UNSET
    amount: Raw | UnsetType = UNSET
    store_id: Raw | UnsetType = UNSET
    items: Raw | UnsetType = UNSET
    customer_email: Raw | UnsetType = UNSET


def is_personal_order(body: OrderFields) -> bool:
    """Say which kind of order a body is for.

    Raises:
        InvalidInput: it is for neither kind, or for both.
    """
    personal = any(field is not UNSET for field in (body.product_name, body.quantity, body.amount))
    store = any(field is not UNSET for field in (body.store_id, body.items, body.customer_email))
    if personal == store:
        raise InvalidInput(
            "An order is either {store_id, items: [{product_id, quantity_requested}]}, from a store's stock, "
            "or {product_name, quantity, amount}, an order of your own."
        )
    return personal


def personal_order_request(body: PersonalOrderBody, user_id: int) -> PersonalOrderRequest:
    """Turn the body into what the service understands.

    Raises:
        InvalidInput: the amount is not one.
    """
    try:
        amount = parse_amount(bytes(body.amount).decode().strip('"'))
    except ValueError as error:
        raise InvalidInput("The body is not valid.", {"amount": [str(error)]}) from error
    return PersonalOrderRequest(user_id, body.product_name, body.quantity, amount)


def store_order_request(body: StoreOrderBody, user_id: int | None) -> StoreOrderRequest:
    """Turn the body into what the service understands, lines of the same product added together.

    Raises:
        InvalidInput: more products, or more units of one, than an order may have.
    """
    wanted = add_up((item.product_id, item.quantity_requested) for item in body.items)
    if len(wanted) > MAX_PRODUCTS:
        detail = f"An order has {MAX_PRODUCTS} different products at the most."
        raise InvalidInput(detail, {"items": [detail]})
    excessive = {product_id for product_id, units in wanted.items() if units > MAX_QUANTITY}
    if excessive:
        detail = f"An order has {MAX_QUANTITY} units of a product at the most."
        lines = lines_of(body, excessive)
        raise InvalidInput(detail, {f"{line}.quantity_requested": [detail] for line in lines})
    return StoreOrderRequest(body.store_id, wanted, body.customer_email, user_id)


def lines_of(body: StoreOrderBody, product_ids: Collection[int]) -> list[str]:
    """Name the lines of the body that ask for any of these products, e.g. `items[0]`."""
    return [f"items[{index}]" for index, item in enumerate(body.items) if item.product_id in product_ids]
