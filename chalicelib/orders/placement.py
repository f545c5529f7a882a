"""Placing orders of both kinds: all lines or none, never oversold, never doubled (see ARCHITECTURE.md)."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from chalicelib.errors import Contended, IdempotencyKeyReused, Unavailable
from chalicelib.ids import new_id
from chalicelib.inventory.allocation import Allocation, StockAllocator
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.orders.model import (
    Confirm,
    OrderLine,
    PersonalOrder,
    PersonalOrderRequest,
    Reject,
    StoreOrder,
    StoreOrderRequest,
    StoreOrderStatus,
    decide,
)
from chalicelib.orders.storage.repository import OrderRepository
from chalicelib.orders.storage.transactions import (
    CommitOutcome,
    Committed,
    IdTaken,
    KeyTaken,
    OrderTransactions,
    StockRefused,
)
from chalicelib.platform import metrics
from chalicelib.platform.retry import Retry
from chalicelib.platform.runtime import Runtime

OrderT = TypeVar("OrderT", StoreOrder, PersonalOrder)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Placement(Generic[OrderT]):
    """The answer to a request: its order as it was placed, and whether that is an earlier request's."""

    order: OrderT
    replayed: bool = False


class OrderPlacement:
    """Places orders.

    Args:
        transactions, orders: where orders are kept.
        stock: allocates stock.
        publish_confirmed: queues confirmations of store orders; may raise `Unavailable`.
        runtime: gives time, ids and retries.
        deadline_seconds: how long to retry under contention.
        confirmation_retry_seconds: after how long the sweeper queues an unsent confirmation again.
    """

    def __init__(
        self,
        transactions: OrderTransactions,
        orders: OrderRepository,
        stock: StockAllocator,
        publish_confirmed: Callable[[Sequence[OrderConfirmed]], None],
        runtime: Runtime,
        deadline_seconds: float,
        confirmation_retry_seconds: int,
    ) -> None:
        self._transactions = transactions
        self._orders = orders
        self._stock = stock
        self._publish_confirmed = publish_confirmed
        self._runtime = runtime
        self._retry = Retry(runtime)
        self._deadline_seconds = deadline_seconds
        self._confirmation_retry_seconds = confirmation_retry_seconds

    def place_store_order(
        self, request: StoreOrderRequest, key: IdempotencyKey | None = None
    ) -> Placement[StoreOrder]:
        """Confirm the order and take its stock, or reject it whole and take nothing.

        Args:
            request: what is wanted.
            key: the caller's idempotency key, if there is one.

        Raises:
            NotFound: there is no such store.
            UnknownProducts: the catalogue has no such products; nothing is stored.
            IdempotencyKeyReused: the key belongs to a request with another body.
            RequestInProgress: the key's first request is still running.
            Unavailable: contention or an outage lasted beyond the deadline.
        """
        draft = self._draft(request.draft)
        placement = self._place(draft, key, lambda order: self._confirm_or_reject(order, request, key))
        if placement.replayed:
            return replace(placement, order=placement.order.as_placed())
        if placement.order.status is StoreOrderStatus.CONFIRMED:
            metrics.count("OrdersConfirmed")
            self._publish(placement.order)
        else:
            metrics.count("OrdersRejected")
            metrics.count("Shortages", len(placement.order.shortages))
        return placement

    def place_personal_order(
        self, request: PersonalOrderRequest, key: IdempotencyKey | None = None
    ) -> Placement[PersonalOrder]:
        """Store an order that the next run of the scheduled function takes up.

        Args:
            request: what is ordered.
            key: the caller's idempotency key, if there is one.

        Raises:
            IdempotencyKeyReused, RequestInProgress, Unavailable: as for `place_store_order`.
        """
        draft = self._draft(request.draft)
        due_at = int(draft.created_at.timestamp())
        return self._place(draft, key, lambda order: self._transactions.commit(order, key, due_at))

    def _draft(self, make: Callable[[int, datetime, str], OrderT]) -> OrderT:
        now = self._runtime.clock()
        return make(new_id(now, self._runtime.random), now, self._runtime.write_token())

    def _place(
        self, draft: OrderT, key: IdempotencyKey | None, commit: Callable[[OrderT], CommitOutcome | None]
    ) -> Placement[OrderT]:
        """Try until the order is stored or the deadline has passed.

        Every attempt is for the same order, so that at most one of them can be stored.
        """

        def attempt() -> Placement[OrderT] | None:
            nonlocal draft
            try:
                outcome = commit(draft)
            except Contended:
                metrics.count("ConflictsRetried")
                raise
            match outcome:
                case Committed(order) if isinstance(order, type(draft)):
                    return Placement(order)
                case KeyTaken() as taken:
                    return self._replay(taken, key, type(draft))
                case IdTaken():
                    draft = replace(draft, id=new_id(self._runtime.clock(), self._runtime.random))
            return None

        changing = Contended("The products keep changing.")
        return self._retry.until(self._deadline_seconds, attempt, changing)

    def _confirm_or_reject(
        self, draft: StoreOrder, request: StoreOrderRequest, key: IdempotencyKey | None
    ) -> CommitOutcome | None:
        """Confirm or reject once; None when the stock changed meanwhile and another attempt is needed."""
        allocation = self._stock.allocate(request.store_id, request.wanted)
        decision = decide(request.wanted, allocation.available)
        if isinstance(decision, Confirm):
            order = replace(draft, lines=_lines(request.wanted, allocation))
            due_at = int(order.created_at.timestamp()) + self._confirmation_retry_seconds
            outcome = self._transactions.commit(order, key, due_at, allocation)
            if not isinstance(outcome, StockRefused):
                return outcome
            allocation = allocation.after(outcome.reasons)
            decision = decide(request.wanted, allocation.available)
        if not isinstance(decision, Reject):
            return None
        rejected = replace(
            draft,
            status=StoreOrderStatus.REJECTED,
            lines=_lines(request.wanted, allocation),
            shortages=decision.shortages,
        )
        return self._transactions.commit(rejected, key, due_at=None)

    def _replay(self, taken: KeyTaken, key: IdempotencyKey | None, kind: type[OrderT]) -> Placement[OrderT]:
        order = self._orders.get(taken.order_id)
        if (key and taken.fingerprint != key.fingerprint) or not isinstance(order, kind):
            raise IdempotencyKeyReused("This Idempotency-Key was used for a different request.")
        metrics.count("OrdersReplayed")
        return Placement(order, replayed=True)

    def _publish(self, order: StoreOrder) -> None:
        try:
            self._publish_confirmed([OrderConfirmed(order_id=order.id)])
        except Unavailable as error:
            # The order is due, so the sweeper will queue the message.
            logger.warning("Confirmation of order #%s not queued: %s", order.id, error)


def _lines(wanted: Mapping[int, int], allocation: Allocation) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(product_id, copy.title, quantity, copy.price)
        for product_id, quantity in wanted.items()
        for copy in (allocation.products[product_id],)
    )
