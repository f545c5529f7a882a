"""Cancelling orders: once, by their owner, with every line's stock going back."""

from chalicelib.errors import Contended, NotCancellable
from chalicelib.orders.model import PersonalOrder, StoreOrder
from chalicelib.orders.storage.repository import OrderRepository
from chalicelib.orders.storage.transactions import Cancelled, NotCarried, OrderTransactions, StatusChanged
from chalicelib.platform.retry import Retry
from chalicelib.platform.runtime import Runtime


class OrderCancellation:
    """Cancels orders.

    Args:
        orders, transactions: where things are kept.
        runtime: gives time and retries.
        deadline_seconds: how long to retry under contention.
    """

    def __init__(
        self,
        orders: OrderRepository,
        transactions: OrderTransactions,
        runtime: Runtime,
        deadline_seconds: float,
    ) -> None:
        self._orders = orders
        self._transactions = transactions
        self._runtime = runtime
        self._retry = Retry(runtime)
        self._deadline_seconds = deadline_seconds

    def cancel(self, order_id: int, user_id: int) -> StoreOrder | PersonalOrder:
        """Cancel a user's order, and put the stock of a store order back in the same transaction.

        Returns:
            The order as it was before.

        Raises:
            NotFound: there is no such order, or it is another account's.
            NotCancellable: it is processing, completed, rejected or cancelled already.
            Unavailable: contention or an outage lasted beyond the deadline.
        """
        order = self._orders.get_own(order_id, user_id)
        if not order.can_be_cancelled:
            raise NotCancellable(f"The order is {order.status.value.lower()} and cannot be cancelled.")
        write_token, now = self._runtime.write_token(), self._runtime.clock()
        returned = order.units if isinstance(order, StoreOrder) else {}

        def attempt() -> bool | None:
            nonlocal returned
            match self._transactions.cancel(order, returned, write_token, now):
                case Cancelled():
                    return True
                case StatusChanged():
                    raise NotCancellable("The order was taken up or cancelled just now.")
                case NotCarried(product_ids):
                    returned = {
                        product_id: units
                        for product_id, units in returned.items()
                        if product_id not in product_ids
                    }
            return None

        self._retry.until(self._deadline_seconds, attempt, Contended("The order keeps changing."))
        return order
