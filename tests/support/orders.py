"""Orders to test with."""

import random
from decimal import Decimal

from chalicelib.ids import new_id
from chalicelib.orders.model import OrderLine, StoreOrder, StoreOrderStatus
from tests.support.shop import START


def confirmed_order(
    lines: dict[int, tuple[int, str]] | None = None, email: str | None = None, order_id: int | None = None
) -> StoreOrder:
    """Make a confirmed order of (units, price) by product id."""
    return StoreOrder(
        id=order_id or new_id(START, random.Random()),
        store_id=1,
        status=StoreOrderStatus.CONFIRMED,
        created_at=START,
        lines=tuple(
            OrderLine(product_id, f"Product {product_id}", units, Decimal(price))
            for product_id, (units, price) in (lines or {1: (2, "10.00")}).items()
        ),
        write_token="token",
        customer_email=email,
    )
