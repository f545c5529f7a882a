"""The transactions of orders: placing one, and cancelling one; each is all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.errors import Contended, RequestInProgress
from chalicelib.inventory.allocation import Allocation, StockAllocator
from chalicelib.orders.idempotency import KEPT_FOR, IdempotencyKey
from chalicelib.orders.model import PersonalOrder, StoreOrder
from chalicelib.orders.storage.tables import (
    IDEMPOTENCY_TABLE,
    ORDERS_TABLE,
    IdempotencyRow,
    OrderRow,
    to_order,
    to_row,
)
from chalicelib.platform.dynamodb.database import Database
from chalicelib.platform.dynamodb.transaction import Reason, Transaction


@dataclass(frozen=True, slots=True)
class Committed:
    """The order is stored, by this attempt or by an earlier one whose answer got lost."""

    order: StoreOrder | PersonalOrder


@dataclass(frozen=True, slots=True)
class IdTaken:
    """Another order has this id."""


@dataclass(frozen=True, slots=True)
class KeyTaken:
    """The idempotency key belongs to an order already: its id, and the digest of its request."""

    order_id: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class StockRefused:
    """The stock could not be taken as it was allocated; the allocation understands the reasons."""

    reasons: Sequence[Reason]


CommitOutcome = Committed | IdTaken | KeyTaken | StockRefused


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The order is cancelled and its stock is back."""


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The order is no longer in the status it was cancelled from."""


@dataclass(frozen=True, slots=True)
class NotCarried:
    """The store no longer carries these products, so their units have no place to go back to."""

    product_ids: frozenset[int]


class OrderTransactions:
    """What changes orders together with idempotency keys and stock."""

    def __init__(self, database: Database, stock: StockAllocator) -> None:
        self._database = database
        self._orders = database.bind(OrderRow, ORDERS_TABLE)
        self._keys = database.bind(IdempotencyRow, IDEMPOTENCY_TABLE)
        self._stock = stock

    def commit(
        self,
        order: StoreOrder | PersonalOrder,
        key: IdempotencyKey | None,
        due_at: int | None,
        allocation: Allocation | None = None,
    ) -> CommitOutcome:
        """Store the order and its idempotency key and, with an allocation, take its stock.

        Repeating it with the same arguments is safe whatever became of the first attempt: the transaction
        carries the same token, and an order that is already there is recognised by its `write_token`.

        Args:
            order: what to store.
            key: the caller's idempotency key, if there is one.
            due_at: epoch seconds at which the scheduled function looks after the order, if it must.
            allocation: the stock of an order that is confirmed.

        Raises:
            Contended: only contention stood in the way.
            RequestInProgress: contention on the idempotency key, so that its first request is still running.
            Unavailable: the database gave no answer; the order may or may not be stored.
        """
        transaction = self._database.transaction(order.write_token)
        order_write = transaction.put(to_row(self._orders, order, due_at), OrderRow.id.does_not_exist())
        key_write = self._claim_key(transaction, key, order) if key else None
        if allocation:
            allocation.add_to(transaction)
        reasons = transaction.commit()
        if not reasons:
            return Committed(order)
        key_reason = Reason() if key_write is None else reasons[key_write]
        if stored := reasons[order_write].item:
            other = to_order(self._orders.from_raw_data(dict(stored)))
            return Committed(other) if other.write_token == order.write_token else IdTaken()
        if key_reason.item:
            taken = self._keys.from_raw_data(dict(key_reason.item))
            return KeyTaken(int(taken.order_id), taken.fingerprint)
        if any(reason.condition_failed for reason in reasons):
            return StockRefused(reasons)
        if key_reason.contended:
            raise RequestInProgress("A request with this Idempotency-Key is still running.")
        raise Contended("Too many orders are changing the same stock right now.")

    def cancel(
        self,
        order: StoreOrder | PersonalOrder,
        returned: Mapping[int, int],
        write_token: str,
        now: datetime,
    ) -> Cancelled | StatusChanged | NotCarried:
        """Change an order's status to cancelled and put units back into its store's stock.

        Repeating it with the same arguments is safe, as for `commit`.

        Args:
            order: as it was read; it must still be in that status.
            returned: the units that go back, by product id.
            write_token: a random token of the request; without it, two requests would be one to DynamoDB,
                and both would be told that they cancelled the order.
            now: the moment that the change is noted at.

        Raises:
            Contended, Unavailable: as for `commit`.
        """
        transaction = self._database.transaction(write_token)
        order_write = transaction.update(
            self._orders(order.id),
            actions=[
                OrderRow.status.set(type(order.status).CANCELLED.value),
                OrderRow.updated_at.set(now),
                OrderRow.due_shard.remove(),
                OrderRow.due_at.remove(),
            ],
            condition=OrderRow.status == order.status.value,
        )
        stock_writes: Mapping[int, int] = {}
        if isinstance(order, StoreOrder):
            stock_writes = self._stock.give_back(transaction, order.store_id, returned)
        reasons = transaction.commit()
        if not reasons:
            return Cancelled()
        if reasons[order_write].condition_failed:
            return StatusChanged()
        gone = {product_id for product_id, write in stock_writes.items() if reasons[write].condition_failed}
        if gone:
            return NotCarried(frozenset(gone))
        raise Contended("Too many orders are changing the same stock right now.")

    def _claim_key(
        self, transaction: Transaction, key: IdempotencyKey, order: StoreOrder | PersonalOrder
    ) -> int:
        expires_at = order.created_at + KEPT_FOR
        row = self._keys(key.key, order_id=order.id, fingerprint=key.fingerprint, expires_at=expires_at)
        # DynamoDB deletes expired rows only within days, so an expired one counts as gone.
        gone = IdempotencyRow.key.does_not_exist() | (IdempotencyRow.expires_at <= order.created_at)
        return transaction.put(row, gone)
