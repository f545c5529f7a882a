"""The work that orders still need: what the due index holds, and who is at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.errors import NotFound
from chalicelib.orders.model import (
    OrderKind,
    PersonalOrder,
    PersonalOrderStatus,
    StoreOrder,
    StoreOrderStatus,
)
from chalicelib.orders.storage.tables import ORDERS_TABLE, OrderRow, to_personal_order, to_store_order
from chalicelib.platform.dynamodb.database import Database, condition_held

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
        self._database = database
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
        return to_personal_order(row) if row.status == _PROCESSING and row.due_at == leased_until else None

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
        return self._finish(order_id, actions, mine)

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
            return to_store_order(row)
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
        self._finish(order_id, actions, OrderRow.id.exists())

    def _get(self, order_id: int) -> OrderRow:
        row = self._database.find(self._orders, order_id)
        if row is None:
            raise NotFound("There is no such order.")
        return row

    def _finish(self, order_id: int, actions: Sequence[Action], condition: Condition) -> bool:
        return self._database.retry.until(FINISH_SECONDS, lambda: self._update(order_id, actions, condition))

    def _update(self, order: int | OrderRow, actions: Sequence[Action], condition: Condition) -> bool:
        """Update the row if the condition holds, and say whether it did."""
        row = order if isinstance(order, OrderRow) else self._orders(order)
        return condition_held(lambda: row.update(list(actions), condition))
