"""Sweeping the due index, all its shards at once, for orders that have work left."""

import logging
from collections.abc import Callable, Sequence

from chalicelib.errors import Unavailable
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.orders.processing import OrderProcessing, listed
from chalicelib.orders.storage.work import DueOrder, OrderWork
from chalicelib.platform import metrics
from chalicelib.platform.runtime import Runtime

PAGE = 100
# Eight threads hold eight connections of the pool and still fit a small function's memory.
THREADS = 8

logger = logging.getLogger(__name__)


class OrderSweeper:
    """Claims pending orders, and queues confirmations again that were never sent.

    Args:
        work: where the work of orders is noted.
        shards: how many shards the due index has.
        processing: takes personal orders up.
        publish_confirmed: queues confirmations; may raise `Unavailable`.
        runtime: gives time and threads.
        confirmation_retry_seconds: after how long an unsent confirmation is looked at again.
        page_size: how many orders of a shard are read at a time.
    """

    def __init__(
        self,
        work: OrderWork,
        shards: int,
        processing: OrderProcessing,
        publish_confirmed: Callable[[Sequence[OrderConfirmed]], None],
        runtime: Runtime,
        confirmation_retry_seconds: int,
        page_size: int = PAGE,
    ) -> None:
        self._work = work
        self._shards = shards
        self._processing = processing
        self._publish_confirmed = publish_confirmed
        self._runtime = runtime
        self._confirmation_retry_seconds = confirmation_retry_seconds
        self._page_size = page_size

    def run(self, seconds_left: Callable[[], float]) -> int:
        """Take up what is due until there is nothing more or no time is left.

        Args:
            seconds_left: how much time the run still has; at zero or less it stops, and the next run goes on.

        Returns:
            How many orders were taken up.
        """
        with self._runtime.pool(THREADS) as pool:
            taken_up = sum(pool.map(lambda shard: self._run_shard(shard, seconds_left), range(self._shards)))
        # Said by every run that comes to its end, were it 0: that none does is what an alarm watches for.
        metrics.measure("Backlog", taken_up, "Count")
        return taken_up

    def _run_shard(self, shard: int, seconds_left: Callable[[], float]) -> int:
        now = int(self._runtime.clock().timestamp())
        taken = 0
        while seconds_left() > 0:
            due = self._work.due(shard, now, self._page_size)
            try:
                taken += self._processing.claim([order for order in due if order.is_personal])
                taken += self._queue_again([order for order in due if not order.is_personal], now)
            except Unavailable as error:
                logger.warning("Shard %d is left to the next run: %s", shard, error)
                break
            if len(due) < self._page_size:
                break
        return taken

    def _queue_again(self, due: Sequence[DueOrder], now: int) -> int:
        # Postponed first: should two runs overlap, only one of them queues the message.
        until = now + self._confirmation_retry_seconds
        postponed, failure = self._work.postpone(due, until)
        if postponed:
            logger.info("Queueing the confirmations of orders %s again", listed(postponed))
            self._publish_confirmed([OrderConfirmed(order_id=order.order_id) for order in postponed])
        if failure:
            raise failure
        return len(postponed)
