"""The work that orders still need: what the due index holds, and who is at it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.errors import Unavailable
from chalicelib.orders.messages import OrderClaimed
from chalicelib.orders.model import (
    OrderKind,
    PersonalOrder,
    PersonalOrderStatus,
    StoreOrder,
    StoreOrderStatus,
)
from chalicelib.orders.storage.tables import ORDERS_TABLE, OrderRow, to_personal_order, to_store_order
from chalicelib.platform.dynamodb.database import Database
from chalicelib.platform.dynamodb.updates import ConditionFailed, Update, Updated

# Work that is done is worth some patience to be noted as done, or it would be done again.
FINISH_SECONDS = 5.0
# What was taken up by a call whose answer got lost would wait until it is due again.
TAKE_SECONDS = 5.0

_PROCESSING = PersonalOrderStatus.PROCESSING.value

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DueOrder:
    """An entry of the due index; `due_at` (epoch seconds) tells whether somebody has taken it since."""

    order_id: int
    is_personal: bool
    due_at: int


class OrderWork:
    """Conditional updates by which workers take up and finish work, each of which one worker wins.

    They are made for many orders at once, and each order succeeds or fails on its own.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._orders = database.bind(OrderRow, ORDERS_TABLE)

    def due(self, shard: int, now: int, limit: int) -> list[DueOrder]:
        """Return up to `limit` orders of a shard that are due at `now` (epoch seconds)."""
        rows = self._orders.due.query(shard, OrderRow.due_at <= now, limit=limit)
        return [DueOrder(int(row.id), row.kind == OrderKind.PERSONAL, int(row.due_at)) for row in rows]

    def postpone(self, due: Sequence[DueOrder], until: int) -> tuple[list[DueOrder], Unavailable | None]:
        """Move the `due_at` of orders to `until`.

        Returns:
            Those that this moved: others were taken by another run, or nothing of them is due any more. And
            the error, if the database gave no answer for some, which another run will find as they are.
        """
        return self._take(due, [OrderRow.due_at.set(until)], lambda order: OrderRow.due_at == order.due_at)

    def claim(
        self, due: Sequence[DueOrder], until: int, now: datetime
    ) -> tuple[list[DueOrder], Unavailable | None]:
        """Take personal orders into processing under a lease, or take over those whose lease has run out.

        Args:
            due: the orders as the index showed them.
            until: epoch seconds at which the lease ends.
            now: the moment that the change is noted at.

        Returns:
            As `postpone`; others were taken by another run, or cancelled or completed meanwhile.
        """
        actions = [
            OrderRow.status.set(_PROCESSING),
            OrderRow.due_at.set(until),
            OrderRow.updated_at.set(now),
        ]
        open_status = OrderRow.status.is_in(PersonalOrderStatus.PENDING.value, _PROCESSING)
        return self._take(due, actions, lambda order: (OrderRow.due_at == order.due_at) & open_status)

    def leased(self, claims: Iterable[OrderClaimed]) -> dict[OrderClaimed, PersonalOrder | None]:
        """Return personal orders that are in processing under the leases of these claims, read consistently.

        Returns:
            The order of each claim; None if another lease is on it, or none. Without a claim whose order does
            not exist.

        Raises:
            Unavailable: the database gave no answer.
        """
        claims = list(claims)
        keys = dict.fromkeys((claim.order_id, None) for claim in claims)
        rows = {int(row.id): row for row in self._database.get_many(self._orders, keys, consistent=True)}
        return {
            claim: to_personal_order(row)
            if row.status == _PROCESSING and row.due_at == claim.leased_until
            else None
            for claim in claims
            if (row := rows.get(claim.order_id))
        }

    def complete(
        self, claims: Collection[OrderClaimed], now: datetime
    ) -> dict[OrderClaimed, bool | Unavailable]:
        """Note that the work of personal orders is done; they leave the due index.

        Args:
            claims: the leases under which the work was done, one an order; another claim's lease is another's
                work.
            now: the moment that the change is noted at.

        Returns:
            False for an order that was completed already, perhaps by a try whose answer got lost, or claimed
            again; the error for one that the database gave no answer for.
        """
        actions = [
            OrderRow.status.set(PersonalOrderStatus.COMPLETED.value),
            OrderRow.updated_at.set(now),
            OrderRow.due_shard.remove(),
            OrderRow.due_at.remove(),
        ]
        return self._finish(
            {
                claim: Update(
                    self._orders(claim.order_id),
                    actions,
                    (OrderRow.status == _PROCESSING) & (OrderRow.due_at == claim.leased_until),
                )
                for claim in claims
            }
        )

    def lease_confirmations(
        self, order_ids: Collection[int], now: int, until: int
    ) -> dict[int, StoreOrder | Unavailable | None]:
        """Reserve the sending of orders' confirmations for one worker.

        Args:
            order_ids: the orders.
            now: epoch seconds; leases up to then have run out.
            until: epoch seconds at which another worker may try, should this one not finish.

        Returns:
            The orders by their ids; None for one whose confirmation is sent, leased, or no longer wanted; the
            error for one that the database gave no answer for. Without those that do not exist.
        """
        lease = OrderRow.confirmation_leased_until
        answers = self._lease({order_id: lease.does_not_exist() for order_id in order_ids}, until)
        # Somebody may have died with it: whoever finds a lease that ran out takes over just that one.
        ran_out = {
            order_id: lease == answer.row.confirmation_leased_until
            for order_id, answer in answers.items()
            if isinstance(answer, ConditionFailed) and answer.row and _ran_out(answer.row, now)
        }
        answers |= self._lease(ran_out, until)
        found: dict[int, StoreOrder | Unavailable | None] = {}
        for order_id, answer in answers.items():
            if isinstance(answer, Unavailable):
                found[order_id] = answer
            elif answer.row:
                found[order_id] = to_store_order(answer.row) if isinstance(answer, Updated) else None
        return found

    def mark_confirmations_sent(
        self, order_ids: Iterable[int], now: datetime
    ) -> dict[int, bool | Unavailable]:
        """Note that confirmations were sent; the orders leave the due index.

        Returns:
            The error for an order that the database gave no answer for.
        """
        actions = [
            OrderRow.confirmation_sent_at.set(now),
            OrderRow.updated_at.set(now),
            OrderRow.confirmation_leased_until.remove(),
            OrderRow.due_shard.remove(),
            OrderRow.due_at.remove(),
        ]
        return self._finish(
            {
                order_id: Update(self._orders(order_id), actions, OrderRow.id.exists())
                for order_id in order_ids
            }
        )

    def _take(
        self, due: Sequence[DueOrder], actions: Sequence[Action], condition: Callable[[DueOrder], Condition]
    ) -> tuple[list[DueOrder], Unavailable | None]:
        # By its token, another try recognises what an earlier one took whose answer got lost.
        token = uuid4().hex
        actions = [*actions, OrderRow.taken_by.set(token)]
        answers = self._database.update_many(
            [Update(self._orders(order.order_id), actions, condition(order)) for order in due],
            retry_seconds=TAKE_SECONDS,
        )
        taken = [
            order
            for order, answer in zip(due, answers, strict=True)
            if isinstance(answer, Updated)
            or (isinstance(answer, ConditionFailed) and answer.row and answer.row.taken_by == token)
        ]
        return taken, next((answer for answer in answers if isinstance(answer, Unavailable)), None)

    def _finish(self, updates: Mapping[T, Update[OrderRow]]) -> dict[T, bool | Unavailable]:
        answers = self._database.update_many(list(updates.values()), retry_seconds=FINISH_SECONDS)
        return {
            key: answer if isinstance(answer, Unavailable) else isinstance(answer, Updated)
            for key, answer in zip(updates, answers, strict=True)
        }

    def _lease(
        self, conditions: Mapping[int, Condition], until: int
    ) -> dict[int, Updated[OrderRow] | ConditionFailed[OrderRow] | Unavailable]:
        wanted = OrderRow.due_shard.exists() & (OrderRow.status == StoreOrderStatus.CONFIRMED.value)
        actions = [OrderRow.confirmation_leased_until.set(until)]
        updates = [
            Update(self._orders(order_id), actions, wanted & free) for order_id, free in conditions.items()
        ]
        # Tried once: a second try would take the lease of a first one whose answer got lost for another's.
        answers = self._database.update_many(updates, retry_seconds=0, returning=True)
        return dict(zip(conditions, answers, strict=True))


def _ran_out(row: OrderRow, now: int) -> bool:
    return row.confirmation_leased_until is not None and row.confirmation_leased_until <= now
