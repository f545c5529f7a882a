"""Placing orders of both kinds: all lines or none, never oversold, never doubled (see ARCHITECTURE.md)."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.catalog.storage.repository import CatalogRepository
from chalicelib.errors import (
    Contended,
    IdempotencyKeyReused,
    RequestInProgress,
    StockroomError,
    Unavailable,
    UnknownProducts,
)
from chalicelib.ids import new_id
from chalicelib.inventory.model import ProductCopy, Stock
from chalicelib.inventory.storage.repository import StockRepository, StoreRepository
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.orders.model import (
    OrderLine,
    PersonalOrder,
    PersonalOrderRequest,
    PersonalOrderStatus,
    Shortage,
    StoreOrder,
    StoreOrderRequest,
    StoreOrderStatus,
    find_shortages,
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
from chalicelib.platform.clock import Clock
from chalicelib.platform.retry import tries

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Placement:
    """The answer to a request: its order as it was placed, and whether that is an earlier request's."""

    order: StoreOrder | PersonalOrder
    replayed: bool = False


class OrderPlacement:
    """Places orders.

    Args:
        transactions, orders, stock, stores, catalog: where things are kept.
        announce: queues confirmations of store orders; may raise `Unavailable`.
        clock: the time.
        deadline_seconds: how long to retry under contention.
        confirmation_retry_seconds: after how long the scheduled function queues an unsent confirmation again.
    """

    def __init__(
        self,
        transactions: OrderTransactions,
        orders: OrderRepository,
        stock: StockRepository,
        stores: StoreRepository,
        catalog: CatalogRepository,
        announce: Callable[[Sequence[OrderConfirmed]], None],
        clock: Clock,
        deadline_seconds: float,
        confirmation_retry_seconds: int,
    ) -> None:
        self._transactions = transactions
        self._orders = orders
        self._stock = stock
        self._stores = stores
        self._catalog = catalog
        self._announce = announce
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._confirmation_retry_seconds = confirmation_retry_seconds

    def place_store_order(self, request: StoreOrderRequest, key: IdempotencyKey | None = None) -> Placement:
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
        created_at = self._clock()
        draft = StoreOrder(
            id=new_id(created_at),
            created_at=created_at,
            attempt=_new_attempt(),
            user_id=request.user_id,
            store_id=request.store_id,
            status=StoreOrderStatus.CONFIRMED,
            lines=(),
            customer_email=request.customer_email,
        )
        placement = self._place(draft, key, lambda order: self._try(order, request, key))
        if placement.replayed:
            return placement
        if placement.order.status is StoreOrderStatus.CONFIRMED:
            metrics.count("OrdersConfirmed")
            self._confirm(placement.order)
        else:
            metrics.count("OrdersRejected")
            metrics.count("Shortages", len(placement.order.shortages))
        return placement

    def place_personal_order(
        self, request: PersonalOrderRequest, key: IdempotencyKey | None = None
    ) -> Placement:
        """Store an order that the next run of the scheduled function takes up.

        Args:
            request: what is ordered.
            key: the caller's idempotency key, if there is one.

        Raises:
            IdempotencyKeyReused, RequestInProgress, Unavailable: as for `place_store_order`.
        """
        created_at = self._clock()
        draft = PersonalOrder(
            id=new_id(created_at),
            created_at=created_at,
            attempt=_new_attempt(),
            user_id=request.user_id,
            status=PersonalOrderStatus.PENDING,
            product_name=request.product_name,
            quantity=request.quantity,
            amount=request.amount,
        )
        due_at = int(created_at.timestamp())
        return self._place(draft, key, lambda order: self._transactions.commit(order, key, due_at))

    def _place(
        self,
        draft: StoreOrder | PersonalOrder,
        key: IdempotencyKey | None,
        attempt: Callable[[StoreOrder | PersonalOrder], CommitOutcome | None],
    ) -> Placement:
        """Try until the order is stored or the deadline has passed.

        Every try is for the same order, so that at most one of them can be stored.
        """
        failure: StockroomError = Contended("The products keep changing.")
        for _ in tries(self._deadline_seconds):
            try:
                outcome = attempt(draft)
            except (Unavailable, RequestInProgress) as error:
                if isinstance(error, Contended):
                    metrics.count("ConflictsRetried")
                failure = error
                continue
            match outcome:
                case Committed(order):
                    return Placement(order)
                case KeyTaken() as taken:
                    return self._replay(taken, key)
                case IdTaken():
                    draft = replace(draft, id=new_id(self._clock()))
        raise failure

    def _try(
        self, draft: StoreOrder, request: StoreOrderRequest, key: IdempotencyKey | None
    ) -> CommitOutcome | None:
        """Confirm or reject once; None when the stock or its copies changed meanwhile, to be tried again."""
        wanted = request.wanted
        copies = self._stock.copies(request.store_id, wanted)
        if copies.keys() != wanted.keys():
            copies |= self._copies_of_uncarried(request, copies)
            levels = self._stock.levels(request.store_id, wanted)
            available = {product_id: stock.quantity for product_id, stock in levels.items()}
        else:
            order = replace(draft, lines=_lines(wanted, copies))
            outcome = self._transactions.commit(order, key, self._due_at(order))
            if not isinstance(outcome, StockRefused):
                return outcome
            self._stock.forget(request.store_id, outcome.seen.keys() | outcome.partly)
            seen = self._seen(request, outcome)
            copies |= {product_id: stock.copy for product_id, stock in seen.items() if stock}
            available = _available(wanted, seen)
        shortages = find_shortages(wanted, available)
        if not shortages:
            return None
        return self._transactions.commit(_rejected(draft, wanted, copies, shortages), key, due_at=None)

    def _copies_of_uncarried(
        self, request: StoreOrderRequest, carried: Mapping[int, ProductCopy]
    ) -> dict[int, ProductCopy]:
        """Return title and price of products that the store does not carry, from the catalogue."""
        if not carried:
            self._stores.store(request.store_id)
        missing = request.wanted.keys() - carried.keys()
        copies = {
            product.id: ProductCopy(product.title, product.price)
            for product in self._catalog.products_by_id(missing)
        }
        if unknown := missing - copies.keys():
            raise UnknownProducts(unknown)
        return copies

    def _seen(self, request: StoreOrderRequest, refused: StockRefused) -> dict[int, Stock | None]:
        """Return the stock that the refused transaction saw, and of what it hid as much as is needed now."""
        seen, unseen = dict(refused.seen), set(refused.partly)
        if unseen or find_shortages(request.wanted, _available(request.wanted, seen)):
            unseen |= refused.unknown
        if unseen:
            seen |= dict.fromkeys(unseen) | self._stock.levels(request.store_id, unseen)
        return seen

    def _replay(self, taken: KeyTaken, key: IdempotencyKey | None) -> Placement:
        if key and taken.fingerprint != key.fingerprint:
            raise IdempotencyKeyReused("This Idempotency-Key was used for a different request.")
        order = self._orders.get(taken.order_id)
        metrics.count("OrdersReplayed")
        return Placement(order.as_placed() if isinstance(order, StoreOrder) else order, replayed=True)

    def _due_at(self, order: StoreOrder) -> int:
        return int(order.created_at.timestamp()) + self._confirmation_retry_seconds

    def _confirm(self, order: StoreOrder) -> None:
        try:
            self._announce([OrderConfirmed(order_id=order.id)])
        except Unavailable as error:
            # The order is due, so the scheduled function will queue the message.
            logger.warning("Confirmation of order #%s not queued: %s", order.id, error)


def _new_attempt() -> str:
    return secrets.token_urlsafe(9)


def _lines(wanted: Mapping[int, int], copies: Mapping[int, ProductCopy]) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(product_id, copies[product_id].title, quantity, copies[product_id].price)
        for product_id, quantity in wanted.items()
    )


def _available(wanted: Mapping[int, int], seen: Mapping[int, Stock | None]) -> dict[int, int]:
    """Say what is available of each product when these were seen, None where there is no such stock."""
    # A line whose condition held had at least what was wanted.
    return dict(wanted) | {product_id: stock.quantity if stock else 0 for product_id, stock in seen.items()}


def _rejected(
    draft: StoreOrder,
    wanted: Mapping[int, int],
    copies: Mapping[int, ProductCopy],
    shortages: tuple[Shortage, ...],
) -> StoreOrder:
    return replace(
        draft,
        status=StoreOrderStatus.REJECTED,
        lines=_lines(wanted, copies),
        shortages=shortages,
    )
