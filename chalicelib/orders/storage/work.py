"""The work that orders still need: what the due index holds, and who is at it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from pynamodb.exceptions import DoesNotExist, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.errors import NotFound, Unavailable
from chalicelib.orders.model import (
    OrderKind,
    PersonalOrder,
    PersonalOrderStatus,
    StoreOrder,
    StoreOrderStatus,
)
from chalicelib.orders.storage.rows import to_order
from chalicelib.orders.storage.tables import ORDERS_TABLE, OrderRow
from chalicelib.platform.dynamodb.database import Database, is_refusal
from chalicelib.platform.retry import persist

# Work that is done is worth some patience to be noted as done, or it would be done again.
FINISH_SECONDS = 5.0

_PROCESSING = PersonalOrderStatus.PROCESSING.value


@dataclass(frozen=True, slots=True)
class DueOrder:
    """An entry of the due index; `due_at` (epoch seconds) tells whether somebody has taken it since."""

    order_id: int
    is_personal: bool
    due_at: int


class OrderWork:
    """Conditional updates by which workers take up and finish work, each of which one worker wins."""

    def __init__(self, database: Database) -> None:
        self._orders = database.bind(OrderRow, ORDERS_TABLE)

    def due(self, shard: int, now: int, limit: int) -> list[DueOrder]:
        """Return up to `limit` orders of a shard that are due at `now` (epoch seconds)."""
        rows = self._orders.due.query(shard, OrderRow.due_at <= now, limit=limit)
        return [DueOrder(int(row.id), row.kind == OrderKind.PERSONAL, int(row.due_at)) for row in rows]

    def postpone(self, due: DueOrder, until: int) -> bool:
        """Move the order's `due_at` to `until`; False if another run took it, or nothing is due any more."""
        return self._update(due.order_id, [OrderRow.due_at.set(until)], OrderRow.due_at == due.due_at)

    def claim(self, due: DueOrder, until: int, now: datetime) -> bool:
        """Take a personal order into processing under a lease, or take over one whose lease has run out.

        Args:
            due: the order as the index showed it.
            until: epoch seconds at which the lease ends.
            now: the moment that the change is noted at.

        Returns:
            False if another run took it, or it was cancelled or completed meanwhile.
        """
        return self._update(
            due.order_id,
            [
                OrderRow.status.set(_PROCESSING),
                OrderRow.due_at.set(until),
                OrderRow.updated_at.set(now),
            ],
            (OrderRow.due_at == due.due_at)
            & OrderRow.status.is_in(PersonalOrderStatus.PENDING.value, _PROCESSING),
        )

    def leased(self, order_id: int, leased_until: int) -> PersonalOrder | None:
        """Return a personal order in processing under this lease, read consistently; None otherwise.

        Raises:
            NotFound: there is no such order.
        """
        row = self._get(order_id)
        return to_order(row) if row.status == _PROCESSING and row.due_at == leased_until else None

    def complete(self, order_id: int, leased_until: int, now: datetime) -> bool:
        """Note that a personal order's work is done; it leaves the due index.

        Args:
            order_id: the order.
            leased_until: the lease under which the work was done; another claim's lease is another's work.
            now: the moment that the change is noted at.

        Returns:
            False if it was completed already, perhaps by a try whose answer got lost, or claimed again.
        """
        actions = [
            OrderRow.status.set(PersonalOrderStatus.COMPLETED.value),
            OrderRow.updated_at.set(now),
            OrderRow.due_shard.remove(),
            OrderRow.due_at.remove(),
        ]
        mine = (OrderRow.status == _PROCESSING) & (OrderRow.due_at == leased_until)
        return persist(lambda: self._update(order_id, actions, mine), FINISH_SECONDS)

    def lease_confirmation(self, order_id: int, now: int, until: int) -> StoreOrder | None:
        """Reserve the sending of an order's confirmation for one worker.

        Args:
            order_id: the order.
            now: epoch seconds; leases up to then have run out.
            until: epoch seconds at which another worker may try, should this one not finish.

        Returns:
            The order, or None if its confirmation is sent, leased, or no longer wanted.

        Raises:
            NotFound: there is no such order.
        """
        row = self._orders(order_id)
        free = OrderRow.confirmation_leased_until.does_not_exist() | (
            OrderRow.confirmation_leased_until <= now
        )
        due = OrderRow.due_shard.exists() & (OrderRow.status == StoreOrderStatus.CONFIRMED.value)
        if self._update(row, [OrderRow.confirmation_leased_until.set(until)], due & free):
            return to_order(row)
        self._get(order_id)
        return None

    def mark_confirmation_sent(self, order_id: int, now: datetime) -> None:
        """Note that the confirmation was sent; the order leaves the due index."""
        actions = [
            OrderRow.confirmation_sent_at.set(now),
            OrderRow.updated_at.set(now),
            OrderRow.confirmation_leased_until.remove(),
            OrderRow.due_shard.remove(),
            OrderRow.due_at.remove(),
        ]
        persist(lambda: self._orders(order_id).update(actions, OrderRow.id.exists()), FINISH_SECONDS)

    def _get(self, order_id: int) -> OrderRow:
        try:
            return self._orders.get(order_id, consistent_read=True)
        except DoesNotExist:
            raise NotFound("There is no such order.") from None

    def _update(self, order: int | OrderRow, actions: list[Action], condition: Condition) -> bool:
        """Update the row if the condition holds, and say whether it did."""
        row = order if isinstance(order, OrderRow) else self._orders(order)
        try:
            row.update(actions, condition)
        except UpdateError as error:
            if not is_refusal(error):
                raise
            return False
        return True


def listed(orders: Iterable[DueOrder]) -> str:
    """Name orders in a line of the log."""
    return ", ".join(f"#{order.order_id}" for order in orders)


def take_each(
    due: Iterable[DueOrder], take: Callable[[DueOrder], bool]
) -> tuple[list[DueOrder], Unavailable | None]:
    """Take orders up one by one until the database gives no answer.

    Returns:
        The orders that were taken, for somebody has to go on with them in any case, and what ended it early.
    """
    taken: list[DueOrder] = []
    for order in due:
        try:
            if take(order):
                taken.append(order)
        except Unavailable as error:
            return taken, error
    return taken, None
