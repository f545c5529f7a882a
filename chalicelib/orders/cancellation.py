"""Cancelling orders: once, by their owner, with every line's stock going back."""

import secrets

from chalicelib.errors import Contended, NotCancellable, Unavailable
from chalicelib.orders.model import PersonalOrder, PersonalOrderStatus, StoreOrder, StoreOrderStatus
from chalicelib.orders.storage.repository import OrderRepository
from chalicelib.orders.storage.transactions import Cancelled, NoSuchStock, OrderTransactions, StatusChanged
from chalicelib.platform.clock import Clock
from chalicelib.platform.retry import tries

_CANCELLABLE = frozenset({StoreOrderStatus.CONFIRMED, PersonalOrderStatus.PENDING})


class OrderCancellation:
    """Cancels orders.

    Args:
        orders, transactions: where things are kept.
        clock: the time.
        deadline_seconds: how long to retry under contention.
    """

    def __init__(
        self,
        orders: OrderRepository,
        transactions: OrderTransactions,
        clock: Clock,
        deadline_seconds: float,
    ) -> None:
        self._orders = orders
        self._transactions = transactions
        self._clock = clock
        self._deadline_seconds = deadline_seconds

    def cancel(self, order_id: int, user_id: int) -> StoreOrder | PersonalOrder:
        """Cancel a user's order, and put the stock of a store order back in the same transaction.

        Returns:
            The order as it was before.

        Raises:
            NotFound: there is no such order, or it is somebody else's.
            NotCancellable: it is processing, completed, rejected or cancelled already.
            Unavailable: contention or an outage lasted beyond the deadline.
        """
        order = self._orders.get_own(order_id, user_id)
        if order.status not in _CANCELLABLE:
            raise NotCancellable(f"The order is {order.status.value.lower()} and cannot be cancelled.")
        attempt, now = secrets.token_urlsafe(9), self._clock()
        returned = order.lines if isinstance(order, StoreOrder) else ()
        failure: Unavailable = Contended("The order keeps changing.")
        for _ in tries(self._deadline_seconds):
            try:
                outcome = self._transactions.cancel(order, returned, attempt, now)
            except Unavailable as error:
                failure = error
                continue
            match outcome:
                case Cancelled():
                    return order
                case StatusChanged():
                    raise NotCancellable("The order was taken up or cancelled just now.")
                case NoSuchStock(product_ids):
                    returned = [line for line in returned if line.product_id not in product_ids]
        raise failure
