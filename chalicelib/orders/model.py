"""Orders of both kinds, and the rules on their lines and statuses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from chalicelib.ids import to_uid

MAX_PRODUCTS = 50
MAX_QUANTITY = 1_000_000
REJECTION_REASON = "Insufficient stock for one or more items."


class OrderKind(StrEnum):
    """What an order is for: products from a store's stock, or something that an account orders for itself."""

    STORE = "store"
    PERSONAL = "personal"


class StoreOrderStatus(StrEnum):
    """What became of a store order: it may be cancelled while it is confirmed."""

    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


class PersonalOrderStatus(StrEnum):
    """Where a personal order stands: pending → processing → completed, or pending → cancelled."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What both kinds of order have.

    `write_token` is a random token of the placement that wrote it: with it, a placement whose answer got
    lost recognises its own order.
    """

    id: int
    created_at: datetime
    write_token: str

    @property
    def uid(self) -> str:
        """The id as 11 characters."""
        return to_uid(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOrder(Order):
    """An order of products from one store's stock; without an account it has no `user_id`."""

    kind: ClassVar[OrderKind] = OrderKind.STORE
    store_id: int
    status: StoreOrderStatus
    lines: tuple[OrderLine, ...]
    shortages: tuple[Shortage, ...] = ()
    customer_email: str | None = None
    user_id: int | None = None

    @property
    def amount(self) -> Decimal:
        """The sum of all lines."""
        return sum((line.price * line.quantity_requested for line in self.lines), Decimal("0.00"))

    @property
    def can_be_cancelled(self) -> bool:
        """Whether its status still allows cancelling it."""
        return self.status is StoreOrderStatus.CONFIRMED

    @property
    def units(self) -> dict[int, int]:
        """The units that it took from the store's stock, by product id."""
        return {line.product_id: line.quantity_requested for line in self.lines}

    def as_placed(self) -> "StoreOrder":
        """Return the order as it was when it was placed, whatever became of it since."""
        status = StoreOrderStatus.REJECTED if self.shortages else StoreOrderStatus.CONFIRMED
        return replace(self, status=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalOrder(Order):
    """An order that an account placed for itself, to be worked on by the scheduled function."""

    kind: ClassVar[OrderKind] = OrderKind.PERSONAL
    user_id: int
    status: PersonalOrderStatus
    product_name: str
    quantity: int
    amount: Decimal

    @property
    def can_be_cancelled(self) -> bool:
        """Whether its status still allows cancelling it."""
        return self.status is PersonalOrderStatus.PENDING


@dataclass(frozen=True, slots=True)
class StoreOrderRequest:
    """What a customer wants from one store: units by product id; with an account, the order is theirs."""

    store_id: int
    wanted: Mapping[int, int]
    customer_email: str | None = None
    user_id: int | None = None

    @property
    def has_too_many_products(self) -> bool:
        """Whether it has more than `MAX_PRODUCTS` different products."""
        return len(self.wanted) > MAX_PRODUCTS

    @property
    def excessive_products(self) -> set[int]:
        """The ids of the products of which it has more than `MAX_QUANTITY` units."""
        return {product_id for product_id, units in self.wanted.items() if units > MAX_QUANTITY}

    def draft(self, order_id: int, created_at: datetime, write_token: str) -> StoreOrder:
        """Return the order that this becomes when it is confirmed, still without its lines."""
        return StoreOrder(
            id=order_id,
            created_at=created_at,
            write_token=write_token,
            user_id=self.user_id,
            store_id=self.store_id,
            status=StoreOrderStatus.CONFIRMED,
            lines=(),
            customer_email=self.customer_email,
        )


@dataclass(frozen=True, slots=True)
class PersonalOrderRequest:
    """What an account orders for itself."""

    user_id: int
    product_name: str
    quantity: int
    amount: Decimal

    def draft(self, order_id: int, created_at: datetime, write_token: str) -> PersonalOrder:
        """Return the order that this becomes."""
        return PersonalOrder(
            id=order_id,
            created_at=created_at,
            write_token=write_token,
            user_id=self.user_id,
            status=PersonalOrderStatus.PENDING,
            product_name=self.product_name,
            quantity=self.quantity,
            amount=self.amount,
        )


@dataclass(frozen=True, slots=True)
class Confirm:
    """Confirm the order, if its stock can be taken."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Reject the order whole for these shortages."""

    shortages: tuple[Shortage, ...]


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Nothing is short any more, so read the stock again."""


def decide(wanted: Mapping[int, int], available: Mapping[int, int] | None) -> Confirm | Reject | TryAgain:
    """Decide what becomes of a store order (contract, "Store orders").

    Args:
        wanted: units by product id.
        available: units by product id as they were seen, a missing product being one that the store does not
            carry; None as long as nothing is known against confirming.
    """
    if available is None:
        return Confirm()
    shortages = find_shortages(wanted, available)
    return Reject(shortages) if shortages else TryAgain()


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
