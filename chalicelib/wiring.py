"""The composition root: everything is built here, once, on first use.

Imports stand inside the builders, so that a function loads only what it uses.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.platform import log
from chalicelib.platform.clock import Clock, utc_now
from chalicelib.platform.settings import Settings, settings

if TYPE_CHECKING:
    from chalicelib.api.health import Health
    from chalicelib.catalog.editor import CatalogEditor
    from chalicelib.catalog.propagation.copies import ProductCopying
    from chalicelib.catalog.propagation.messages import CatalogChanged
    from chalicelib.catalog.propagation.sweeper import SearchUpkeep
    from chalicelib.catalog.storage.pending_edits import PendingEdits
    from chalicelib.catalog.storage.repository import CatalogRepository
    from chalicelib.catalog.storage.transactions import CatalogTransactions
    from chalicelib.inventory.storage.repository import StockRepository, StoreRepository
    from chalicelib.notifications.confirmation import ConfirmationService
    from chalicelib.notifications.mailer import Mailer
    from chalicelib.orders.cancellation import OrderCancellation
    from chalicelib.orders.messages import OrderClaimed, OrderConfirmed
    from chalicelib.orders.model import PersonalOrder
    from chalicelib.orders.placement import OrderPlacement
    from chalicelib.orders.processing import OrderProcessing
    from chalicelib.orders.storage.repository import OrderRepository
    from chalicelib.orders.storage.transactions import OrderTransactions
    from chalicelib.orders.storage.work import OrderWork
    from chalicelib.orders.sweeper import OrderUpkeep
    from chalicelib.platform.dynamodb.database import Database
    from chalicelib.platform.queues.publisher import BreakingPublisher, QueuePublisher
    from chalicelib.platform.rate_limits.limiter import Limiter
    from chalicelib.platform.signing_keys import SigningKeys
    from chalicelib.search.product_search import ProductSearch
    from chalicelib.search.snapshots.bucket import SnapshotBucket
    from chalicelib.search.snapshots.live import LiveIndex
    from chalicelib.search.snapshots.pointer import SnapshotPointer
    from chalicelib.search.snapshots.publisher import SnapshotPublisher
    from chalicelib.search.snapshots.source import IndexSource
    from chalicelib.users.accounts import Accounts
    from chalicelib.users.passwords import Passwords
    from chalicelib.users.storage.repository import SessionRepository, UserRepository
    from chalicelib.users.tokens import Tokens

# Reading the whole catalogue meets a table's limits; nobody waits for it, so it has the time.
BULK_PATIENCE_SECONDS = 60.0


class Wiring:
    """One process's services. Tests build one with settings and a clock of their own."""

    def __init__(self, settings: Settings, clock: Clock = utc_now) -> None:
        self.settings = settings
        self.clock = clock

    @cached_property
    def database(self) -> "Database":
        from chalicelib.platform.dynamodb.database import Database

        return Database(self.settings)

    @cached_property
    def users(self) -> "UserRepository":
        from chalicelib.users.storage.repository import UserRepository

        return UserRepository(self.database)

    @cached_property
    def sessions(self) -> "SessionRepository":
        from chalicelib.users.storage.repository import SessionRepository

        return SessionRepository(self.database)

    @cached_property
    def passwords(self) -> "Passwords":
        from chalicelib.users.passwords import Passwords

        return Passwords(self.settings.bcrypt_cost)

    @cached_property
    def signing_keys(self) -> "Callable[[], SigningKeys]":
        if self.settings.jwt_secret_arn:
            from chalicelib.users.stored_keys import StoredKeys

            return StoredKeys(self.settings).current
        return self.settings.require_keys

    @cached_property
    def tokens(self) -> "Tokens":
        from chalicelib.users.tokens import Tokens

        return Tokens(
            keys=self.signing_keys,
            clock=self.clock,
            access_seconds=self.settings.access_token_seconds,
            refresh_seconds=self.settings.refresh_token_seconds,
        )

    @cached_property
    def accounts(self) -> "Accounts":
        from chalicelib.users.accounts import Accounts

        return Accounts(self.users, self.sessions, self.passwords, self.tokens, self.clock)

    @cached_property
    def catalog(self) -> "CatalogRepository":
        from chalicelib.catalog.storage.repository import CatalogRepository

        return CatalogRepository(self.database)

    @cached_property
    def stores(self) -> "StoreRepository":
        from chalicelib.inventory.storage.repository import StoreRepository

        return StoreRepository(self.database)

    @cached_property
    def stock(self) -> "StockRepository":
        from chalicelib.inventory.storage.repository import StockRepository

        return StockRepository(self.database)

    @cached_property
    def orders(self) -> "OrderRepository":
        from chalicelib.orders.storage.repository import OrderRepository

        return OrderRepository(self.database)

    @cached_property
    def order_transactions(self) -> "OrderTransactions":
        from chalicelib.orders.storage.transactions import OrderTransactions

        return OrderTransactions(self.database, self.stock)

    @cached_property
    def order_work(self) -> "OrderWork":
        from chalicelib.orders.storage.work import OrderWork

        return OrderWork(self.database)

    @cached_property
    def confirmation_queue(self) -> "BreakingPublisher":
        from chalicelib.platform.queues.publisher import OF_A_REQUEST, BreakingPublisher, QueuePublisher

        url = self.settings.confirmation_queue_url
        return BreakingPublisher(QueuePublisher(self.settings, url, patience=OF_A_REQUEST))

    @cached_property
    def patient_confirmation_queue(self) -> "QueuePublisher":
        from chalicelib.platform.queues.publisher import QueuePublisher

        return QueuePublisher(self.settings, self.settings.confirmation_queue_url)

    @cached_property
    def fulfilment_queue(self) -> "QueuePublisher":
        from chalicelib.platform.queues.publisher import QueuePublisher

        delay_seconds = self.settings.order_processing_seconds
        return QueuePublisher(self.settings, self.settings.fulfilment_queue_url, delay_seconds)

    @cached_property
    def announce(self) -> "Callable[[Sequence[OrderConfirmed]], None]":
        from chalicelib.platform.queues.messages import encode

        return lambda messages: self.confirmation_queue.publish([encode(message) for message in messages])

    @cached_property
    def announce_again(self) -> "Callable[[Sequence[OrderConfirmed]], None]":
        from chalicelib.platform.queues.messages import encode

        queue = self.patient_confirmation_queue
        return lambda messages: queue.publish([encode(message) for message in messages])

    @cached_property
    def hand_over(self) -> "Callable[[Sequence[OrderClaimed]], None]":
        from chalicelib.platform.queues.messages import encode

        return lambda messages: self.fulfilment_queue.publish([encode(message) for message in messages])

    @cached_property
    def order_placement(self) -> "OrderPlacement":
        from chalicelib.orders.placement import OrderPlacement

        return OrderPlacement(
            transactions=self.order_transactions,
            orders=self.orders,
            stock=self.stock,
            stores=self.stores,
            catalog=self.catalog,
            announce=self.announce,
            clock=self.clock,
            deadline_seconds=self.settings.order_deadline_seconds,
            confirmation_retry_seconds=self.settings.confirmation_retry_seconds,
        )

    @cached_property
    def order_cancellation(self) -> "OrderCancellation":
        from chalicelib.orders.cancellation import OrderCancellation

        return OrderCancellation(
            orders=self.orders,
            transactions=self.order_transactions,
            clock=self.clock,
            deadline_seconds=self.settings.order_deadline_seconds,
        )

    @cached_property
    def fulfil(self) -> "Callable[[PersonalOrder], None]":
        from chalicelib.orders.fulfilment import fulfil

        return fulfil

    @cached_property
    def order_processing(self) -> "OrderProcessing":
        from chalicelib.orders.processing import OrderProcessing

        return OrderProcessing(
            work=self.order_work,
            hand_over=self.hand_over,
            fulfil=self.fulfil,
            clock=self.clock,
            processing_seconds=self.settings.order_processing_seconds,
            lease_seconds=self.settings.order_processing_lease_seconds,
        )

    @cached_property
    def order_upkeep(self) -> "OrderUpkeep":
        from chalicelib.orders.storage.tables import DUE_SHARDS
        from chalicelib.orders.sweeper import OrderUpkeep

        return OrderUpkeep(
            work=self.order_work,
            shards=DUE_SHARDS,
            processing=self.order_processing,
            announce=self.announce_again,
            clock=self.clock,
            confirmation_retry_seconds=self.settings.confirmation_retry_seconds,
        )

    @cached_property
    def catalog_transactions(self) -> "CatalogTransactions":
        from chalicelib.catalog.storage.transactions import CatalogTransactions

        return CatalogTransactions(self.database, self.catalog)

    @cached_property
    def pending_edits(self) -> "PendingEdits":
        from chalicelib.catalog.storage.pending_edits import PendingEdits

        return PendingEdits(self.database)

    @cached_property
    def catalog_queue(self) -> "QueuePublisher":
        from chalicelib.platform.queues.publisher import QueuePublisher

        return QueuePublisher(self.settings, self.settings.catalog_queue_url)

    @cached_property
    def announce_change(self) -> "Callable[[CatalogChanged], None]":
        from chalicelib.platform.queues.messages import encode

        return lambda message: self.catalog_queue.publish([encode(message)])

    @cached_property
    def catalog_editor(self) -> "CatalogEditor":
        from chalicelib.catalog.editor import CatalogEditor

        return CatalogEditor(self.catalog, self.catalog_transactions, self.announce_change, self.clock)

    @cached_property
    def product_copying(self) -> "ProductCopying":
        from chalicelib.catalog.propagation.copies import ProductCopying

        return ProductCopying(self.catalog, self.pending_edits, self.stock, self.announce_change)

    @cached_property
    def index_source(self) -> "IndexSource":
        from chalicelib.catalog.storage.repository import CatalogRepository
        from chalicelib.inventory.storage.repository import StockRepository, StoreRepository
        from chalicelib.platform.dynamodb.database import Database
        from chalicelib.search.snapshots.source import IndexSource

        patient = Database(self.settings, BULK_PATIENCE_SECONDS)
        return IndexSource(CatalogRepository(patient), StoreRepository(patient), StockRepository(patient))

    @cached_property
    def snapshot_bucket(self) -> "SnapshotBucket":
        from chalicelib.search.snapshots.bucket import SnapshotBucket

        return SnapshotBucket(self.settings)

    @cached_property
    def snapshot_pointer(self) -> "SnapshotPointer":
        from chalicelib.search.snapshots.pointer import SnapshotPointer

        return SnapshotPointer(self.database)

    @cached_property
    def snapshot_publisher(self) -> "SnapshotPublisher":
        from chalicelib.search.engine.index import build
        from chalicelib.search.snapshots.publisher import SnapshotPublisher

        return SnapshotPublisher(
            version=self.catalog_transactions.version,
            products=self.index_source.products,
            build=build,
            bucket=self.snapshot_bucket,
            pointer=self.snapshot_pointer,
            clock=self.clock,
        )

    @cached_property
    def live_index(self) -> "LiveIndex":
        from chalicelib.search.engine.index import SearchIndex
        from chalicelib.search.snapshots.live import LiveIndex

        return LiveIndex(
            pointer=self.snapshot_pointer.read,
            download=self.snapshot_bucket.download,
            open_index=SearchIndex.open,
            refresh_seconds=self.settings.search_refresh_seconds,
        )

    @cached_property
    def search_upkeep(self) -> "SearchUpkeep":
        from chalicelib.catalog.propagation.sweeper import SearchUpkeep

        return SearchUpkeep(
            version=self.catalog_transactions.version,
            pointer=self.snapshot_pointer,
            edits=self.pending_edits,
            announce=self.announce_change,
            clock=self.clock,
            stock_refresh_seconds=self.settings.search_stock_refresh_seconds,
        )

    @cached_property
    def product_search(self) -> "ProductSearch":
        from chalicelib.search.product_search import ProductSearch

        return ProductSearch(self.live_index.current, self.stock)

    @cached_property
    def limiter(self) -> "Limiter":
        from chalicelib.platform.rate_limits.limiter import InProcessLimiter

        if not self.settings.redis_url:
            return InProcessLimiter()
        from chalicelib.platform.rate_limits.redis import RedisLimiter
        from chalicelib.platform.redis import redis_client

        return RedisLimiter(redis_client(self.settings.redis_url), InProcessLimiter())

    @cached_property
    def mailer(self) -> "Mailer":
        from chalicelib.notifications.mailer import NoMailer, SesMailer

        return SesMailer(self.settings) if self.settings.mail_sender else NoMailer()

    @cached_property
    def confirmations(self) -> "ConfirmationService":
        from chalicelib.notifications.confirmation import ConfirmationService

        return ConfirmationService(
            work=self.order_work,
            mailer=self.mailer,
            # Accounts are only loaded for an order of one.
            address_of=lambda user_id: self.users.email(user_id),
            inbox=self.settings.mail_inbox,
            clock=self.clock,
        )

    @cached_property
    def health(self) -> "Health":
        from chalicelib.api.health import Health

        probes: dict[str, Callable[[], object]] = {
            "database": lambda: self.stores.stores(after=None, limit=1),
            "queue": lambda: self.confirmation_queue.ping(),
        }
        if self.settings.redis_url:
            from chalicelib.platform.redis import redis_client

            probes["redis"] = redis_client(self.settings.redis_url).ping
        return Health(probes)


_wiring: Wiring | None = None


def wired() -> Wiring:
    """Return this process's wiring."""
    global _wiring
    if _wiring is None:
        log.configure(settings().log_level, settings().log_format)
        _wiring = Wiring(settings())
    return _wiring


def rewire(wiring: Wiring | None) -> None:
    """Put another wiring in place of this process's, or none, for tests."""
    global _wiring
    _wiring = wiring
