"""The ledger of stock: what was supplied and what orders took must make up what there is.

The rows are read before the orders, and neither at one moment. So each order counts for a row by what is
known to have happened before that row was read, and what happened at about that time makes a range.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.orders.model import StoreOrder, StoreOrderStatus

Key = tuple[int, int]


@dataclass(slots=True)
class Account:
    """A stock row as it was read, and how many units confirmed orders held then, at least and at most."""

    supplied: int
    quantity: int
    read_at: datetime
    least_taken: int = 0
    most_taken: int = 0


class Ledger:
    """Compares stock rows with orders.

    Args:
        margin: how far the moments that are compared may lie from when something was written or read, by
            the deadline of placing an order, by clocks that differ, and by pages that are read at once.
            Zero for a stage at rest.
    """

    def __init__(self, margin: timedelta) -> None:
        self._margin = margin
        self._accounts: dict[Key, Account] = {}

    def open(self, key: Key, supplied: int, quantity: int, read_at: datetime) -> None:
        """Take a stock row in; all rows come before the first order.

        Args:
            key: its store and product.
            supplied: what was ever put in.
            quantity: what there is.
            read_at: when it was read.
        """
        self._accounts[key] = Account(supplied, quantity, read_at)

    def book(self, order: StoreOrder, updated_at: datetime) -> None:
        """Take an order in, which was last changed at `updated_at`."""
        if order.status is StoreOrderStatus.REJECTED:
            return
        for line in order.lines:
            account = self._accounts.get((order.store_id, line.product_id))
            if account is None or order.created_at > account.read_at + self._margin:
                continue
            before = account.read_at - self._margin
            is_cancelled = order.status is StoreOrderStatus.CANCELLED
            if is_cancelled and updated_at <= before:
                continue
            account.most_taken += line.quantity_requested
            if order.created_at <= before and not is_cancelled:
                account.least_taken += line.quantity_requested

    def wrong(self) -> dict[Key, Account]:
        """Return the rows with a negative quantity, or one that no course of events explains."""
        return {
            key: account
            for key, account in self._accounts.items()
            if account.quantity < 0
            or not account.least_taken <= account.supplied - account.quantity <= account.most_taken
        }

    def __len__(self) -> int:
        return len(self._accounts)
