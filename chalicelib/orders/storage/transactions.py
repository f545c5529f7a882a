"""The transactions of orders: placing one, and cancelling one; each is all or nothing."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from pynamodb.exceptions import CancellationReason, TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Contended, RequestInProgress
from chalicelib.inventory.model import ProductCopy, Stock
from chalicelib.inventory.storage.repository import StockRepository
from chalicelib.orders.idempotency import KEPT_FOR, IdempotencyKey
from chalicelib.orders.model import OrderLine, PersonalOrder, StoreOrder, StoreOrderStatus
from chalicelib.orders.storage.rows import to_order, to_row
from chalicelib.orders.storage.tables import IDEMPOTENCY_TABLE, ORDERS_TABLE, IdempotencyRow, OrderRow
from chalicelib.platform.dynamodb.database import CONTENTION, REFUSED, Database

Reasons = list[CancellationReason | None]


@dataclass(frozen=True, slots=True)
class Committed:
    """The order is stored, by this try or by an earlier one whose answer got lost."""

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
    """Some lines' conditions failed.

    `seen` holds the stock of those lines as it was, None where there is no row; `partly` are the refused
    products of which only one part of the stock was seen; `unknown` are those of which contention hid
    whether there was enough.
    """

    seen: Mapping[int, Stock | None]
    partly: frozenset[int]
    unknown: frozenset[int]


CommitOutcome = Committed | IdTaken | KeyTaken | StockRefused


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The order is cancelled and its stock is back."""


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The order is no longer in the status it was cancelled from."""


@dataclass(frozen=True, slots=True)
class NoSuchStock:
    """The store no longer carries these products, so their units have no place to go back to."""

    product_ids: frozenset[int]


class OrderTransactions:
    """What changes orders together with idempotency keys and stock."""

    def __init__(self, database: Database, stock: StockRepository) -> None:
        self._connection = database.connection
        self._orders = database.bind(OrderRow, ORDERS_TABLE)
        self._keys = database.bind(IdempotencyRow, IDEMPOTENCY_TABLE)
        self._stock = stock

    def commit(
        self, order: StoreOrder | PersonalOrder, key: IdempotencyKey | None, due_at: int | None
    ) -> CommitOutcome:
        """Store the order and its idempotency key and, if it is confirmed, take its stock.

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
        takes = order.lines if order.status is StoreOrderStatus.CONFIRMED else ()
        parts = self._parts_to_take_from(order) if takes else ()
        try:
            with self._transaction(order, key, due_at, parts) as transaction:
                transaction.save(
                    to_row(self._orders, order, due_at),
                    OrderRow.id.does_not_exist(),
                    return_values="ALL_OLD",
                )
                if key:
                    self._claim_key(transaction, key, order)
                for line, part in zip(takes, parts, strict=True):
                    copy = ProductCopy(line.product_title, line.price)
                    self._stock.take(
                        transaction, order.store_id, line.product_id, line.quantity_requested, copy, part
                    )
        except TransactWriteError as error:
            order_reason, *rest = _reasons(error)
            key_reason = rest.pop(0) if key else None
            if _is_refusal(order_reason):
                stored = to_order(self._orders.from_raw_data(order_reason.raw_item))
                return Committed(stored) if stored.attempt == order.attempt else IdTaken()
            if _is_refusal(key_reason):
                taken = self._keys.from_raw_data(key_reason.raw_item)
                return KeyTaken(int(taken.order_id), taken.fingerprint)
            return self._read_line_reasons(takes, parts, rest) or _raise_contention(error, key_reason)
        return Committed(order)

    def cancel(
        self,
        order: StoreOrder | PersonalOrder,
        returned: Collection[OrderLine],
        attempt: str,
        now: datetime,
    ) -> Cancelled | StatusChanged | NoSuchStock:
        """Change an order's status to cancelled and put units back into its store's stock.

        Trying again with the same arguments is safe, as for `commit`.

        Args:
            order: as it was read; it must still be in that status.
            returned: the lines whose units go back.
            attempt: a random token of the request; without it, two requests would be one to DynamoDB,
                and both would be told that they cancelled the order.
            now: the moment that the change is noted at.

        Raises:
            Contended, Unavailable: as for `commit`.
        """
        try:
            with self._transaction(attempt, order, tuple(returned), now) as transaction:
                transaction.update(
                    self._orders(order.id),
                    actions=[
                        OrderRow.status.set(type(order.status).CANCELLED.value),
                        OrderRow.updated_at.set(now),
                        OrderRow.due_shard.remove(),
                        OrderRow.due_at.remove(),
                    ],
                    condition=OrderRow.status == order.status.value,
                )
                for line in returned:
                    self._stock.give_back(
                        transaction, order.store_id, line.product_id, line.quantity_requested
                    )
        except TransactWriteError as error:
            order_reason, *rest = _reasons(error)
            if _is_refusal(order_reason):
                return StatusChanged()
            gone = frozenset(
                line.product_id for line, reason in zip(returned, rest, strict=True) if _is_refusal(reason)
            )
            return NoSuchStock(gone) if gone else _raise_contention(error, None)
        return Cancelled()

    def _transaction(self, *content: object) -> TransactWrite:
        # The token stands for this exact content: DynamoDB refuses a known token with other content.
        token = str(uuid.uuid5(uuid.NAMESPACE_OID, repr(content)))
        return TransactWrite(connection=self._connection, client_request_token=token)

    def _claim_key(
        self, transaction: TransactWrite, key: IdempotencyKey, order: StoreOrder | PersonalOrder
    ) -> None:
        expires_at = order.created_at + KEPT_FOR
        row = self._keys(key.key, order_id=order.id, fingerprint=key.fingerprint, expires_at=expires_at)
        # DynamoDB deletes expired rows only within days, so an expired one counts as gone.
        gone = IdempotencyRow.key.does_not_exist() | (IdempotencyRow.expires_at <= order.created_at)
        transaction.save(row, gone, return_values="ALL_OLD")

    def _parts_to_take_from(self, order: StoreOrder) -> tuple[int, ...]:
        wanted = [(line.product_id, line.quantity_requested) for line in order.lines]
        return self._stock.sources(order.store_id, wanted)

    def _read_line_reasons(
        self, lines: Collection[OrderLine], parts: Collection[int], reasons: Reasons
    ) -> StockRefused | None:
        seen: dict[int, Stock | None] = {}
        partly, unknown = set(), set()
        for line, part, reason in zip(lines, parts, reasons, strict=True):
            if reason and not _is_refusal(reason):
                unknown.add(line.product_id)
            elif reason and self._stock.saw_all(reason.raw_item, part):
                seen[line.product_id] = self._stock.seen_stock(reason.raw_item)
            elif reason:
                partly.add(line.product_id)
        return StockRefused(seen, frozenset(partly), frozenset(unknown)) if seen or partly else None


def _reasons(error: TransactWriteError) -> Reasons:
    """Return why a transaction was cancelled, one reason an item; an error without reasons goes on."""
    if not error.cancellation_reasons:
        raise error
    return error.cancellation_reasons


def _is_refusal(reason: CancellationReason | None) -> bool:
    return reason is not None and reason.code == REFUSED


def _raise_contention(error: TransactWriteError, key_reason: CancellationReason | None) -> None:
    if any(reason.code not in CONTENTION for reason in error.cancellation_reasons if reason):
        raise error
    if key_reason:
        raise RequestInProgress("A request with this Idempotency-Key is still running.") from error
    raise Contended("Too many orders are changing the same stock right now.") from error
