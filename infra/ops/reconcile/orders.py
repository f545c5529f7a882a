"""Invariants of single orders, and of the index of orders with work left."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.orders.model import OrderKind, PersonalOrderStatus, StoreOrderStatus
from chalicelib.orders.storage.tables import DUE_SHARDS, OrderRow
from chalicelib.platform.dynamodb.database import condition_held
from infra.ops.reconcile.findings import Finding, Violation
from infra.ops.reconcile.stage import Stage

# How long the index may take to follow its table.
INDEX_SECONDS = 1.0

_STATUSES = {
    OrderKind.STORE.value: {status.value for status in StoreOrderStatus},
    OrderKind.PERSONAL.value: {status.value for status in PersonalOrderStatus},
}
_OPEN = {PersonalOrderStatus.PENDING.value, PersonalOrderStatus.PROCESSING.value}


class OrderChecks:
    """Checks orders one by one, and those that seemed wrong a second time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.status = Finding("status", "an order has one status of its kind: never cancelled and completed")
        self.mail = Finding("mail", "the e-mail of every confirmed order is sent or still due")
        self.lease = Finding("lease", "no order is in processing past its lease, or pending and forgotten")
        self.due = Finding("due", "exactly the orders with work left are marked as due, and in the index")
        self._suspects: set[int] = set()
        self._marked: dict[int, tuple[int, int]] = {}

    @property
    def findings(self) -> list[Finding]:
        """The results, complete after `finish`."""
        return [self.status, self.mail, self.lease, self.due]

    def see(self, row: OrderRow) -> None:
        """Check an order."""
        for finding in self.findings:
            finding.checked += 1
        if mark := _mark(row):
            self._marked[int(row.id)] = mark
        if any(self._wrong(row, self._stage.now())):
            self._suspects.add(int(row.id))

    def finish(self) -> None:
        """Check again what seemed wrong, and compare the index with the orders."""
        for order_id in sorted(self._suspects):
            if row := self._stage.order(order_id):
                for finding, violation in self._wrong(row, self._stage.now()):
                    finding.add(violation)
        indexed = self._stage.due()
        everywhere = indexed.keys() | self._marked.keys()
        self._compare_again({i for i in everywhere if indexed.get(i) != self._marked.get(i)})

    def _compare_again(self, order_ids: set[int]) -> None:
        """Report orders that did not change between two readings and still differ from the index."""
        if not order_ids:
            return
        before = self._marks(order_ids)
        time.sleep(INDEX_SECONDS)
        indexed, after = self._stage.due(), self._marks(order_ids)
        for order_id in sorted(order_ids):
            entry, mark = indexed.get(order_id), after[order_id]
            if before[order_id] == mark != entry:
                violation = Violation(f"order #{order_id}", f"due at {mark}, and in the index at {entry}")
                self.due.add(violation)

    def _marks(self, order_ids: set[int]) -> dict[int, tuple[int, int] | None]:
        rows = {order_id: self._stage.order(order_id) for order_id in order_ids}
        return {order_id: _mark(row) if row else None for order_id, row in rows.items()}

    def _wrong(self, row: OrderRow, now: datetime) -> Iterator[tuple[Finding, Violation]]:
        subject = f"order #{int(row.id)}"
        if row.status not in _STATUSES.get(row.kind, ()):
            yield self.status, Violation(subject, f"{row.kind} order with status {row.status}")
        is_confirmed = row.kind == OrderKind.STORE and row.status == StoreOrderStatus.CONFIRMED.value
        is_sent = row.confirmation_sent_at is not None
        mark = _mark(row)
        if is_confirmed and not is_sent and mark is None:
            yield self.mail, Violation(subject, "not sent and not due", lambda: self._make_due(row))
        if row.status == StoreOrderStatus.REJECTED.value and is_sent:
            yield self.mail, Violation(subject, "rejected, and its e-mail was sent")
        has_work = row.status in _OPEN or (is_confirmed and not is_sent)
        if mark and not has_work:
            yield self.due, Violation(subject, f"{row.status} and due", lambda: self._make_undue(row))
        elif row.status in _OPEN and not mark:
            yield self.due, Violation(subject, f"{row.status} and not due", lambda: self._make_due(row))
        elif mark and mark[0] != int(row.id) % DUE_SHARDS:
            yield self.due, Violation(subject, f"in shard {mark[0]}", lambda: self._make_due(row))
        if mark and row.status in _OPEN and mark[1] < (now - self._stage.overdue).timestamp():
            since = timedelta(seconds=now.timestamp() - mark[1])
            yield self.lease, Violation(subject, f"{row.status} and due for {since}")

    def _make_due(self, row: OrderRow) -> bool:
        """Mark an order as due: the scheduled function then queues its confirmation, or claims it."""
        shard, now = int(row.id) % DUE_SHARDS, int(self._stage.now().timestamp())
        return _update(row, [OrderRow.due_shard.set(shard), OrderRow.due_at.set(now)])

    def _make_undue(self, row: OrderRow) -> bool:
        return _update(row, [OrderRow.due_shard.remove(), OrderRow.due_at.remove()])


def _mark(row: OrderRow) -> tuple[int, int] | None:
    """Return the shard and moment under which an order should be in the index; None if in neither."""
    if row.due_shard is None or row.due_at is None:
        return None
    return int(row.due_shard), int(row.due_at)


def _update(row: OrderRow, actions: list[Action]) -> bool:
    """Change an order if it has not changed since it was read; return whether it was changed."""
    return condition_held(lambda: row.update(actions, _unchanged(row)))


def _unchanged(row: OrderRow) -> Condition:
    condition = OrderRow.status == row.status
    for attribute, value in (
        (OrderRow.due_shard, row.due_shard),
        (OrderRow.due_at, row.due_at),
        (OrderRow.confirmation_sent_at, row.confirmation_sent_at),
    ):
        condition &= attribute.does_not_exist() if value is None else attribute == value
    return condition
