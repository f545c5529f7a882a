"""Builds what orders need."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.orders.cancellation import OrderCancellation
    from chalicelib.orders.messages import OrderClaimed, OrderConfirmed
    from chalicelib.orders.model import PersonalOrder
    from chalicelib.orders.placement import OrderPlacement
    from chalicelib.orders.processing import OrderProcessing
    from chalicelib.orders.storage.repository import OrderRepository
    from chalicelib.orders.storage.transactions import OrderTransactions
    from chalicelib.orders.storage.work import OrderWork
    from chalicelib.orders.sweeper import OrderSweeper
    from chalicelib.wiring import Wiring


class OrdersWiring:
    """Builds the services of orders."""

    def __init__(self, wiring: "Wiring") -> None:
        self._wiring = wiring
        self._settings = wiring.settings
        self._runtime = wiring.runtime

    @cached_property
    def repository(self) -> "OrderRepository":
        from chalicelib.orders.storage.repository import OrderRepository

        return OrderRepository(self._wiring.platform.database)

    @cached_property
    def transactions(self) -> "OrderTransactions":
        from chalicelib.orders.storage.transactions import OrderTransactions

        return OrderTransactions(self._wiring.platform.database, self._wiring.inventory.allocator)

    @cached_property
    def work(self) -> "OrderWork":
        from chalicelib.orders.storage.work import OrderWork

        return OrderWork(self._wiring.platform.database)

    @cached_property
    def publish_confirmed(self) -> "Callable[[Sequence[OrderConfirmed]], None]":
        override = self._wiring.overrides.publish_confirmed
        return override or self._wiring.platform.confirmation_queue.publish

    @cached_property
    def publish_confirmed_again(self) -> "Callable[[Sequence[OrderConfirmed]], None]":
        """Queues confirmations that were never sent, with a worker's timeouts."""
        override = self._wiring.overrides.publish_confirmed
        return override or self._wiring.platform.queue(self._settings.confirmation_queue_url).publish

    @cached_property
    def publish_claimed(self) -> "Callable[[Sequence[OrderClaimed]], None]":
        url, delay_seconds = self._settings.fulfilment_queue_url, self._settings.order_processing_seconds
        override = self._wiring.overrides.publish_claimed
        return override or self._wiring.platform.queue(url, delay_seconds).publish

    @cached_property
    def placement(self) -> "OrderPlacement":
        from chalicelib.orders.placement import OrderPlacement

        return OrderPlacement(
            transactions=self.transactions,
            orders=self.repository,
            stock=self._wiring.inventory.allocator,
            publish_confirmed=self.publish_confirmed,
            runtime=self._runtime,
            deadline_seconds=self._settings.order_deadline_seconds,
            confirmation_retry_seconds=self._settings.confirmation_retry_seconds,
        )

    @cached_property
    def cancellation(self) -> "OrderCancellation":
        from chalicelib.orders.cancellation import OrderCancellation

        return OrderCancellation(
            orders=self.repository,
            transactions=self.transactions,
            runtime=self._runtime,
            deadline_seconds=self._settings.order_deadline_seconds,
        )

    @cached_property
    def fulfil(self) -> "Callable[[PersonalOrder], None]":
        from chalicelib.orders.fulfilment import fulfil

        return self._wiring.overrides.fulfil or fulfil

    @cached_property
    def processing(self) -> "OrderProcessing":
        from chalicelib.orders.processing import OrderProcessing

        return OrderProcessing(
            work=self.work,
            publish_claimed=self.publish_claimed,
            fulfil=self.fulfil,
            clock=self._runtime.clock,
            processing_seconds=self._settings.order_processing_seconds,
            lease_seconds=self._settings.order_processing_lease_seconds,
        )

    @cached_property
    def sweeper(self) -> "OrderSweeper":
        from chalicelib.orders.storage.tables import DUE_SHARDS
        from chalicelib.orders.sweeper import PAGE, OrderSweeper

        return OrderSweeper(
            work=self.work,
            shards=DUE_SHARDS,
            processing=self.processing,
            publish_confirmed=self.publish_confirmed_again,
            runtime=self._runtime,
            confirmation_retry_seconds=self._settings.confirmation_retry_seconds,
            page_size=self._wiring.overrides.page_size or PAGE,
        )
