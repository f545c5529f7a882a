"""Looking after orders whose confirmation was never queued, or whose message got lost."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from chalicelib.clock import Clock
from chalicelib.errors import Unavailable
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.orders.repository import OrderRepository

PAGE = 100
# Eight threads hold eight connections of the pool and still fit a small function's memory.
THREADS = 8

logger = logging.getLogger(__name__)


class ConfirmationUpkeep:
    """Queues due confirmations again, over all shards of the due index in parallel.

    Args:
        orders: where orders are kept.
        shards: how many shards the due index has.
        announce: queues a confirmation; may raise `Unavailable`.
        clock: the time.
        retry_seconds: after how long an order that is still due is looked at again.
    """

    def __init__(
        self,
        orders: OrderRepository,
        shards: int,
        announce: Callable[[OrderConfirmed], None],
        clock: Clock,
        retry_seconds: int,
    ) -> None:
        self._orders = orders
        self._shards = shards
        self._announce = announce
        self._clock = clock
        self._retry_seconds = retry_seconds

    def run(self, seconds_left: Callable[[], float]) -> int:
        """Queue what is due until there is nothing more or no time is left.

        Args:
            seconds_left: how much time the run still has; at zero or less it stops, and the next run goes on.

        Returns:
            How many confirmations were queued.
        """
        with ThreadPoolExecutor(THREADS) as pool:
            queued = sum(pool.map(lambda shard: self._run_shard(shard, seconds_left), range(self._shards)))
        if queued:
            logger.info("Queued %d confirmations again", queued)
        return queued

    def _run_shard(self, shard: int, seconds_left: Callable[[], float]) -> int:
        now = int(self._clock().timestamp())
        queued = 0
        while seconds_left() > 0:
            due = self._orders.due_confirmations(shard, now, PAGE)
            for order_id, due_at in due:
                # Postponed first: should two runs overlap, only one of them queues the message.
                if not self._orders.postpone(order_id, due_at, now + self._retry_seconds):
                    continue
                try:
                    self._announce(OrderConfirmed(order_id=order_id))
                except Unavailable as error:
                    logger.warning("Queue unavailable, %s stays due: %s", f"order #{order_id}", error)
                    return queued
                queued += 1
            if len(due) < PAGE:
                break
        return queued
