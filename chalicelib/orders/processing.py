"""Processing personal orders: claimed under a lease, worked on later, completed once."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from chalicelib.errors import NotFound, Unavailable
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
        claimed, failure = self._work.claim(due, until, now)
        if claimed:
            logger.info("Processing orders %s", listed(claimed))
            self._publish_claimed(
                [OrderClaimed(order_id=order.order_id, leased_until=until) for order in claimed]
            )
        if failure:
            raise failure
        return len(claimed)

    def complete(self, messages: Iterable[OrderClaimed]) -> Mapping[OrderClaimed, Exception]:
        """Do the work of orders and complete them, but for those it is done for, or another claim's to do.

        The work is done order by order and noted for all at the end: what comes to nothing in between is done
        again.

        Returns:
            The messages that should come again, and why: there is no such order, its work failed, or the
            database gave no answer.

        Raises:
            Unavailable: the database gave no answer for any.
        """
        messages = dict.fromkeys(messages)
        leased = self._work.leased(messages)
        failures: dict[OrderClaimed, Exception] = {
            message: NotFound("There is no such order.") for message in messages if message not in leased
        }
        done = []
        for message, order in leased.items():
            if order is None:
                logger.info("Order #%s needs no completing", message.order_id)
                continue
            try:
                self._fulfil(order)
            except Exception as error:
                failures[message] = error
            else:
                done.append(message)
        for message, noted in self._work.complete(done, self._clock()).items():
            if isinstance(noted, Unavailable):
                failures[message] = noted
            elif noted:
                logger.info("Completed order #%s", message.order_id)
        return failures


def listed(orders: Iterable[DueOrder]) -> str:
    """Name orders in a line of the log."""
    return ", ".join(f"#{order.order_id}" for order in orders)
