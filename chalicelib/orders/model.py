"""Store orders and the rules on their lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from chalicelib.ids import to_uid

MAX_PRODUCTS = 50
MAX_QUANTITY = 1_000_000
REJECTION_REASON = "Insufficient stock for one or more items."


class StoreOrderStatus(StrEnum):
    """What became of a store order."""

    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class StoreOrderRequest:
    """What a customer wants from one store: units by product id."""

    store_id: int
    wanted: Mapping[int, int]
    customer_email: str | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One product of an order, with title and price as they were when it was placed."""

    product_id: int
    product_title: str
    quantity_requested: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Shortage:
    """A line that the store could not fill."""

    product_id: int
    requested: int
    available: int


@dataclass(frozen=True, slots=True)
class StoreOrder:
    """An order of products from one store's stock.

    `attempt` is a random token of the placement that wrote it: with it, a placement whose answer got
    lost recognises its own order.
    """

    id: int
    store_id: int
    status: StoreOrderStatus
    created_at: datetime
    lines: tuple[OrderLine, ...]
    attempt: str
    shortages: tuple[Shortage, ...] = ()
    customer_email: str | None = None

    @property
    def uid(self) -> str:
        """The id as 11 characters."""
        return to_uid(self.id)

    @property
    def amount(self) -> Decimal:
        """The sum of all lines."""
        return sum((line.price * line.quantity_requested for line in self.lines), Decimal("0.00"))


def find_shortages(wanted: Mapping[int, int], available: Mapping[int, int]) -> tuple[Shortage, ...]:
    """Name every product of which fewer units are available than wanted.

    Args:
        wanted: units by product id.
        available: units by product id; a missing product is one the store does not carry.
    """
    return tuple(
        Shortage(product_id, quantity, available.get(product_id, 0))
        for product_id, quantity in wanted.items()
        if available.get(product_id, 0) < quantity
    )


def add_up(lines: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Add (product id, quantity) lines of the same product together, in order of first mention."""
    wanted: dict[int, int] = {}
    for product_id, quantity in lines:
        wanted[product_id] = wanted.get(product_id, 0) + quantity
    return wanted
