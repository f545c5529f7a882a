"""The ledger of stock: units supplied, less those that orders took, must be the units in stock.

Rows are read before orders, and both take a while. So for each row an order certainly counts, certainly does
not, or may count because it happened at about the time the row was read. This gives a range.
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
        margin: how far a recorded time may be from the real one, because of retries until an order's
            deadline, clocks that differ, and rows read as one page. Zero for a stage that is not in use.
    """

    def __init__(self, margin: timedelta) -> None:
        self._margin = margin
        self._accounts: dict[Key, Account] = {}

    def open(self, key: Key, supplied: int, quantity: int, read_at: datetime) -> None:
        """Add a stock row; all rows come before the first order.

        Args:
            key: its store and product.
            supplied: how many units were ever put in.
            quantity: how many units there are.
            read_at: when it was read.
        """
        self._accounts[key] = Account(supplied, quantity, read_at)

    def book(self, order: StoreOrder, updated_at: datetime) -> None:
        """Add an order that was last changed at `updated_at`."""
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
        """Return the rows whose quantity is negative or out of its range."""
        return {
            key: account
            for key, account in self._accounts.items()
            if account.quantity < 0
            or not account.least_taken <= account.supplied - account.quantity <= account.most_taken
        }

    def __len__(self) -> int:
        return len(self._accounts)
