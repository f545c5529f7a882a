"""Storing orders: the one transaction that places an order, and what is read and noted afterwards."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pynamodb.exceptions import CancellationReason, DoesNotExist, TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from chalicelib.database import Database
from chalicelib.errors import Contended, NotFound, RequestInProgress
from chalicelib.inventory.model import ProductCopy, Stock
from chalicelib.inventory.repository import StockRepository
from chalicelib.orders.idempotency import KEPT_FOR, IdempotencyKey
from chalicelib.orders.model import OrderLine, Shortage, StoreOrder, StoreOrderStatus
from chalicelib.orders.tables import (
    DUE_SHARDS,
    IDEMPOTENCY_TABLE,
    ORDERS_TABLE,
    STORE_ORDER,
    IdempotencyRow,
    LineMap,
    OrderRow,
    ShortageMap,
)

# Cancellation reason codes of
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
_CONTENTION = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
_REFUSED = "ConditionalCheckFailed"


@dataclass(frozen=True, slots=True)
class Committed:
    """The order is stored, by this try or by an earlier one whose answer got lost."""

    order: StoreOrder


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
    """Some lines' conditions failed.

    `seen` holds the stock of those lines as it was, None where there is no row; `unknown` are the
    products of which contention hid whether there was enough.
    """

    seen: Mapping[int, Stock | None]
    unknown: frozenset[int]


CommitOutcome = Committed | IdTaken | KeyTaken | StockRefused


class OrderRepository:
    """Orders and idempotency keys."""

    def __init__(self, database: Database, stock: StockRepository) -> None:
        self._connection = database.connection
        self._orders = database.bind(OrderRow, ORDERS_TABLE)
        self._keys = database.bind(IdempotencyRow, IDEMPOTENCY_TABLE)
        self._stock = stock

    def commit(self, order: StoreOrder, key: IdempotencyKey | None, due_at: int | None) -> CommitOutcome:
        """Store the order, its idempotency key and, if it is confirmed, take its stock: all or nothing.

        Trying again with the same arguments is safe whatever became of the first try: the transaction
        carries the same client token, and an order that is already there is recognised by its `attempt`.

        Args:
            order: what to store.
            key: the caller's idempotency key, if there is one.
            due_at: epoch seconds at which the scheduled function looks after the order, if it must.

        Raises:
            Contended: only contention stood in the way.
            RequestInProgress: contention on the idempotency key, so that its first request is still running.
            Unavailable: the database gave no answer; the order may or may not be stored.
        """
        # The token stands for this exact content: DynamoDB refuses a known token with other content.
        token = str(uuid.uuid5(uuid.NAMESPACE_OID, repr((order, key, due_at))))
        takes = order.lines if order.status is StoreOrderStatus.CONFIRMED else ()
        try:
            with TransactWrite(connection=self._connection, client_request_token=token) as transaction:
                transaction.save(
                    self._to_row(order, due_at), OrderRow.id.does_not_exist(), return_values="ALL_OLD"
                )
                if key:
                    self._claim_key(transaction, key, order)
                for line in takes:
                    copy = ProductCopy(line.product_title, line.price)
                    self._stock.take(
                        transaction, order.store_id, line.product_id, line.quantity_requested, copy
                    )
        except TransactWriteError as error:
            reasons = error.cancellation_reasons
            if not reasons:
                raise
            return self._read_reasons(order, key, reasons, error)
        return Committed(order)

    def _claim_key(self, transaction: TransactWrite, key: IdempotencyKey, order: StoreOrder) -> None:
        expires_at = order.created_at + KEPT_FOR
        row = self._keys(key.key, order_id=order.id, fingerprint=key.fingerprint, expires_at=expires_at)
        # DynamoDB deletes expired rows only within days, so an expired one counts as gone.
        gone = IdempotencyRow.key.does_not_exist() | (IdempotencyRow.expires_at <= order.created_at)
        transaction.save(row, gone, return_values="ALL_OLD")

    def _read_reasons(
        self,
        order: StoreOrder,
        key: IdempotencyKey | None,
        reasons: list[CancellationReason | None],
        error: TransactWriteError,
    ) -> CommitOutcome:
        """Turn the reasons into an outcome; they match the transaction's items one to one."""
        order_reason, *rest = reasons
        key_reason = rest.pop(0) if key else None
        if order_reason and order_reason.code == _REFUSED:
            stored = self._orders.from_raw_data(order_reason.raw_item)
            return Committed(_to_order(stored)) if stored.attempt == order.attempt else IdTaken()
        if key_reason and key_reason.code == _REFUSED:
            taken = self._keys.from_raw_data(key_reason.raw_item)
            return KeyTaken(int(taken.order_id), taken.fingerprint)
        by_product = {
            line.product_id: reason for line, reason in zip(order.lines, rest, strict=False) if reason
        }
        refused = {
            product_id: self._stock.seen_stock(reason.raw_item)
            for product_id, reason in by_product.items()
            if reason.code == _REFUSED
        }
        if refused:
            return StockRefused(refused, frozenset(by_product.keys() - refused.keys()))
        if any(reason.code not in _CONTENTION for reason in reasons if reason):
            raise error
        if key_reason:
            raise RequestInProgress("A request with this Idempotency-Key is still running.") from error
        raise Contended("Too many orders are changing the same stock right now.") from error

    def get(self, order_id: int) -> StoreOrder:
        """Return one order, read consistently.

        Raises:
            NotFound: there is no such order.
        """
        try:
            return _to_order(self._orders.get(order_id, consistent_read=True))
        except DoesNotExist:
            raise NotFound(f"There is no order {order_id}.") from None

    def store_orders(self, store_id: int, before: int | None, limit: int) -> list[StoreOrder]:
        """Return up to `limit` orders of a store, newest first, older than the order `before`."""
        rows = self._orders.by_store.query(
            store_id,
            None if before is None else OrderRow.id < before,
            scan_index_forward=False,
            limit=limit,
        )
        return [_to_order(row) for row in rows]

    def lease_confirmation(self, order_id: int, now: int, until: int) -> StoreOrder | None:
        """Reserve the sending of an order's confirmation for one worker.

        Args:
            order_id: the order.
            now: epoch seconds; leases up to then have run out.
            until: epoch seconds at which another worker may try, should this one not finish.

        Returns:
            The order, or None if its confirmation is sent or leased already.

        Raises:
            NotFound: there is no such order.
        """
        row = self._orders(order_id)
        free = (OrderRow.confirmation_leased_until.does_not_exist()) | (
            OrderRow.confirmation_leased_until <= now
        )
        due = OrderRow.due_shard.exists() & (OrderRow.status == StoreOrderStatus.CONFIRMED.value)
        try:
            row.update([OrderRow.confirmation_leased_until.set(until)], due & free)
        except UpdateError as error:
            if error.cause_response_code != f"{_REFUSED}Exception":
                raise
            self.get(order_id)
            return None
        return _to_order(row)

    def mark_confirmation_sent(self, order_id: int, now: datetime) -> None:
        """Note that the confirmation was sent; the order leaves the due index."""
        self._orders(order_id).update(
            [
                OrderRow.confirmation_sent_at.set(now),
                OrderRow.updated_at.set(now),
                OrderRow.confirmation_leased_until.remove(),
                OrderRow.due_shard.remove(),
                OrderRow.due_at.remove(),
            ],
            OrderRow.id.exists(),
        )

    def due_confirmations(self, shard: int, now: int, limit: int) -> list[tuple[int, int]]:
        """Return up to `limit` pairs (order id, due_at) of a shard that are due at `now` (epoch seconds)."""
        rows = self._orders.due.query(shard, OrderRow.due_at <= now, limit=limit)
        return [(int(row.id), int(row.due_at)) for row in rows]

    def postpone(self, order_id: int, due_at: int, until: int) -> bool:
        """Move an order's `due_at` to `until`; False if another run did so, or nothing is due any more."""
        try:
            self._orders(order_id).update([OrderRow.due_at.set(until)], OrderRow.due_at == due_at)
        except UpdateError as error:
            if error.cause_response_code != f"{_REFUSED}Exception":
                raise
            return False
        return True

    def _to_row(self, order: StoreOrder, due_at: int | None) -> OrderRow:
        return self._orders(
            order.id,
            kind=STORE_ORDER,
            status=order.status.value,
            attempt=order.attempt,
            created_at=order.created_at,
            updated_at=order.created_at,
            store_id=order.store_id,
            lines=[
                LineMap(
                    product_id=line.product_id,
                    product_title=line.product_title,
                    quantity_requested=line.quantity_requested,
                    price=line.price,
                )
                for line in order.lines
            ],
            shortages=[
                ShortageMap(
                    product_id=shortage.product_id,
                    requested=shortage.requested,
                    available=shortage.available,
                )
                for shortage in order.shortages
            ]
            or None,
            customer_email=order.customer_email,
            due_at=due_at,
            due_shard=None if due_at is None else order.id % DUE_SHARDS,
        )


def _to_order(row: OrderRow) -> StoreOrder:
    return StoreOrder(
        id=int(row.id),
        store_id=int(row.store_id),
        status=StoreOrderStatus(row.status),
        created_at=row.created_at,
        attempt=row.attempt,
        lines=tuple(_line(line) for line in row.lines),
        shortages=tuple(_shortage(shortage) for shortage in row.shortages or ()),
        customer_email=row.customer_email,
    )


def _line(line: Any) -> OrderLine:
    return OrderLine(
        product_id=int(line.product_id),
        product_title=line.product_title,
        quantity_requested=int(line.quantity_requested),
        price=line.price,
    )


def _shortage(shortage: Any) -> Shortage:
    return Shortage(
        product_id=int(shortage.product_id),
        requested=int(shortage.requested),
        available=int(shortage.available),
    )
