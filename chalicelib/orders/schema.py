"""What the order routes accept (contract, "Store orders")."""

from collections.abc import Collection
from typing import Annotated

import msgspec
from msgspec import Meta

from chalicelib.api.fields import EmailAddress, Id
from chalicelib.errors import InvalidInput
from chalicelib.orders.model import MAX_PRODUCTS, MAX_QUANTITY, StoreOrderRequest, add_up

# More than the 50 products of an order, since lines of the same product are added together.
MAX_LINES = 500

Quantity = Annotated[int, Meta(ge=1, le=MAX_QUANTITY)]


class StoreOrderItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the request."""

    product_id: Id
    quantity_requested: Quantity


class StoreOrderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /orders` for an order from a store's stock."""

    store_id: Id
    items: Annotated[tuple[StoreOrderItem, ...], Meta(min_length=1, max_length=MAX_LINES)]
    customer_email: EmailAddress | None = None


def store_order_request(body: StoreOrderBody) -> StoreOrderRequest:
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
    return StoreOrderRequest(body.store_id, wanted, body.customer_email)


def lines_of(body: StoreOrderBody, product_ids: Collection[int]) -> list[str]:
    """Name the lines of the body that ask for any of these products, e.g. `items[0]`."""
    return [f"items[{index}]" for index, item in enumerate(body.items) if item.product_id in product_ids]
