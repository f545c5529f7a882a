"""Stores and the stock each of them holds."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Store:
    """A shop with stock of its own."""

    id: int
    name: str
    location: str


@dataclass(frozen=True, slots=True)
class ProductCopy:
    """What an order line copies from a stock row; asserted when the order commits, so it may be cached."""

    title: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Stock:
    """How much of one product one store has.

    `parts` has the units in each of the rows that the stock is split over; nothing when it is in one row.
    """

    product_id: int
    copy: ProductCopy
    category_name: str
    quantity: int
    parts: tuple[int, ...] = ()
