"""Processing personal orders: claimed under a lease, worked on later, completed once."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from chalicelib.orders.messages import OrderClaimed
from chalicelib.orders.model import PersonalOrder
from chalicelib.orders.storage.work import DueOrder, OrderWork, listed, take_each
from chalicelib.platform.clock import Clock

logger = logging.getLogger(__name__)


class OrderProcessing:
    """Takes personal orders from pending through processing to completed.

    Args:
        work: where the work of orders is noted.
        hand_over: queues claimed orders, to be delivered when their work should be done; may raise
            `Unavailable`.
        fulfil: the work itself.
        clock: the time.
        processing_seconds: how long the work takes.
        lease_seconds: how long after that an order may still be completed before it is claimed again.
    """

    def __init__(
        self,
        work: OrderWork,
        hand_over: Callable[[Sequence[OrderClaimed]], None],
        fulfil: Callable[[PersonalOrder], None],
        clock: Clock,
        processing_seconds: int,
        lease_seconds: int,
    ) -> None:
        self._work = work
        self._hand_over = hand_over
        self._fulfil = fulfil
        self._clock = clock
        self._lease = timedelta(seconds=processing_seconds + lease_seconds)

    def claim(self, due: Sequence[DueOrder]) -> int:
        """Take due orders into processing and hand them over; return how many were claimed.

        A message that cannot be queued is not missed for long: its order's lease runs out.

        Raises:
            Unavailable: the queue did not take them, or the database gave no answer for one of them.
        """
        now = self._clock()
        until = int((now + self._lease).timestamp())
        claimed, failure = take_each(due, lambda order: self._work.claim(order, until, now))
        if claimed:
            logger.info("Processing orders %s", listed(claimed))
            self._hand_over([OrderClaimed(order_id=order.order_id, leased_until=until) for order in claimed])
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
