"""Processing personal orders: claimed under a lease, worked on later, completed once."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from chalicelib.errors import Unavailable
from chalicelib.orders.messages import OrderClaimed
from chalicelib.orders.model import PersonalOrder
from chalicelib.orders.storage.work import DueOrder, OrderWork
from chalicelib.platform.clock import Clock

logger = logging.getLogger(__name__)


class OrderProcessing:
    """Takes personal orders from pending through processing to completed.

    Args:
        work: where the work of orders is noted.
        publish_claimed: queues claimed orders, to be delivered when their work should be done; may raise
            `Unavailable`.
        fulfil: the work itself.
        clock: the time.
        processing_seconds: how long the work takes.
        lease_seconds: how long after that an order may still be completed before it is claimed again.
    """

    def __init__(
        self,
        work: OrderWork,
        publish_claimed: Callable[[Sequence[OrderClaimed]], None],
        fulfil: Callable[[PersonalOrder], None],
        clock: Clock,
        processing_seconds: int,
        lease_seconds: int,
    ) -> None:
        self._work = work
        self._publish_claimed = publish_claimed
        self._fulfil = fulfil
        self._clock = clock
        self._lease = timedelta(seconds=processing_seconds + lease_seconds)

    def claim(self, due: Sequence[DueOrder]) -> int:
        """Take due orders into processing and queue them for completion; return how many were claimed.

        A message that cannot be queued is not missed for long: its order's lease runs out.

        Raises:
            Unavailable: the queue did not take them, or the database gave no answer for one of them.
        """
        now = self._clock()
        until = int((now + self._lease).timestamp())
        claimed, failure = take_each(due, lambda order: self._work.claim(order, until, now))
        if claimed:
            logger.info("Processing orders %s", listed(claimed))
            self._publish_claimed(
                [OrderClaimed(order_id=order.order_id, leased_until=until) for order in claimed]
            )
        if failure:
            raise failure
        return len(claimed)

    def complete(self, message: OrderClaimed) -> None:
        """Do an order's work and complete it, unless that is done, or another claim's to do.

        Raises:
            NotFound: there is no such order.
            Unavailable: the database gave no answer; the message should come again.
        """
        order = self._work.leased(message.order_id, message.leased_until)
        if order is None:
            logger.info("Order #%s needs no completing", message.order_id)
            return
        self._fulfil(order)
        if self._work.complete(message.order_id, message.leased_until, self._clock()):
            logger.info("Completed order #%s", message.order_id)


def take_each(
    due: Iterable[DueOrder], take: Callable[[DueOrder], bool]
) -> tuple[list[DueOrder], Unavailable | None]:
    """Take orders up one by one until the database gives no answer.

    Returns:
        The orders that were taken, which must be dealt with in any case, and the error that ended it early.
    """
    taken: list[DueOrder] = []
    for order in due:
        try:
            if take(order):
                taken.append(order)
        except Unavailable as error:
            return taken, error
    return taken, None


def listed(orders: Iterable[DueOrder]) -> str:
    """Name orders in a line of the log."""
    return ", ".join(f"#{order.order_id}" for order in orders)
