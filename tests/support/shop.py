"""A small world to test in: stores, products and stock in few words, and what came of them."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from chalicelib.catalog.model import ProductCopy
from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.catalog.storage.tables import CATEGORY, PRODUCT, CategoryRow, ProductRow
from chalicelib.catalog.storage.tables import TABLE as CATALOG_TABLE
from chalicelib.errors import Unavailable
from chalicelib.inventory.model import Stock
from chalicelib.inventory.storage.tables import (
    INVENTORY_TABLE,
    STORE,
    STORES_TABLE,
    StockRow,
    StoreRow,
    copy_attributes,
)
from chalicelib.orders.messages import OrderClaimed, OrderConfirmed
from chalicelib.orders.model import (
    PersonalOrder,
    PersonalOrderRequest,
    StoreOrder,
    StoreOrderRequest,
)
from chalicelib.orders.storage.tables import ORDERS_TABLE, OrderRow
from chalicelib.platform.runtime import Runtime
from chalicelib.platform.settings import Settings
from chalicelib.wiring import Wiring, rewire, wired
from chalicelib.wiring.overrides import Overrides

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FixedClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Announcements:
    """Stands in for the confirmation queue: remembers what was queued, or is down."""

    def __init__(self) -> None:
        self.order_ids: list[int] = []
        self.down = False

    def __call__(self, messages: Sequence[OrderConfirmed]) -> None:
        if self.down:
            raise Unavailable("queue down")
        self.order_ids.extend(message.order_id for message in messages)


class Handovers:
    """Stands in for the fulfilment queue: remembers what was queued, or is down."""

    def __init__(self) -> None:
        self.messages: list[OrderClaimed] = []
        self.down = False

    def __call__(self, messages: Sequence[OrderClaimed]) -> None:
        if self.down:
            raise Unavailable("queue down")
        self.messages.extend(messages)


class Changes:
    """Stands in for the queue of the catalogue: remembers what was queued, or is down."""

    def __init__(self) -> None:
        self.messages: list[CatalogChanged] = []
        self.down = False

    def __call__(self, message: CatalogChanged) -> None:
        if self.down:
            raise Unavailable("queue down")
        self.messages.append(message)


class Mailbox:
    """Stands in for SES: remembers what was sent, or is down."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, str]] = []
        self.down = False

    def send(self, recipient: str, subject: str, text: str) -> None:
        if self.down:
            raise Unavailable("mail down")
        self.mails.append((recipient, subject, text))


class Shop:
    """The product wired to one stage's tables, with short ways to fill them and to look into them."""

    def __init__(self, settings: Settings, runtime: Runtime | None = None) -> None:
        self.clock = FixedClock()
        self.announcements = Announcements()
        self.handovers = Handovers()
        self.changes = Changes()
        self.mailbox = Mailbox()
        self.fulfilled: list[int] = []
        overrides = Overrides(
            publish_confirmed=self.announcements,
            publish_claimed=self.handovers,
            publish_changed=self.changes,
            mailer=self.mailbox,
            fulfil=lambda order: self.fulfilled.append(order.id),
        )
        self.wiring = Wiring(settings, runtime or Runtime(clock=self.clock), overrides)
        database = self.wiring.platform.database
        self.categories = database.bind(CategoryRow, CATALOG_TABLE)
        self.products = database.bind(ProductRow, CATALOG_TABLE)
        self.stores = database.bind(StoreRow, STORES_TABLE)
        self.stock_rows = database.bind(StockRow, INVENTORY_TABLE)
        self.order_rows = database.bind(OrderRow, ORDERS_TABLE)

    def rewire(
        self, *, settings: dict[str, Any] | None = None, runtime: Runtime | None = None, **overrides: Any
    ) -> None:
        """Go on with other settings, another runtime, other things in place of what the wiring builds."""
        before = self.wiring
        # Another runtime is another way to retry; else connections and what was hung on them stay.
        database = None if runtime else before.platform.database
        self.wiring = Wiring(
            msgspec.structs.replace(before.settings, **(settings or {})),
            runtime or before.runtime,
            dataclasses.replace(before.overrides, **{"database": database} | overrides),
        )
        if wired() is before:
            rewire(self.wiring)

    def add_category(self, category_id: int, name: str, **row) -> None:
        self.categories(CATEGORY, category_id, name=name, **self._moments(), **row).save()

    def add_product(self, product_id: int, title: str = "", price: str = "10.00", **row) -> None:
        row = {"category_id": 1, "category_name": "Electronics", "description": "Good."} | row
        row |= {"title": title or f"Product {product_id}", "price": Decimal(price)}
        self.products(PRODUCT, product_id, **self._moments(), **row).save()

    def add_store(self, store_id: int, name: str = "", **row) -> None:
        name = name or f"Store {store_id}"
        self.stores(STORE, store_id, name=name, location="Main Street", **self._moments(), **row).save()

    def add_stock(self, store_id: int, product_id: int, quantity: int, title: str = "", price: str = "10.00"):
        """Let the store carry a product; the catalogue gets it, too."""
        title = title or f"Product {product_id}"
        self.add_product(product_id, title, price)
        self.stock_rows(
            store_id,
            product_id,
            quantity=quantity,
            supplied=quantity,
            **copy_attributes(ProductCopy(title, Decimal(price), "Electronics")),
        ).save()

    def split_stock(self, store_id: int, product_id: int, shards: int) -> Stock:
        """Let the stock lie in so many rows, as an operator does."""
        return self.wiring.inventory.resharding.divide(store_id, product_id, shards)

    def available(self, store_id: int, product_id: int) -> int:
        """Return how many units there are, in however many rows, without this process remembering it."""
        return self.available_of([(store_id, product_id)])[store_id, product_id]

    def available_of(self, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
        """Return the same of many products, by store and product."""
        rows = list(self.stock_rows.batch_get(list(keys), consistent_read=True))
        stock = self.wiring.inventory.shards.whole(rows)
        return {
            (int(row.store_id), int(row.product_id)): found.quantity
            for row, found in zip(rows, stock, strict=True)
        }

    def quantity(self, store_id: int, product_id: int) -> int:
        return int(self.stock_rows.get(store_id, product_id, consistent_read=True).quantity)

    def place(
        self, store_id: int, wanted: dict[int, int], key=None, email: str | None = None, user_id=None
    ) -> StoreOrder:
        request = StoreOrderRequest(store_id, wanted, email, user_id)
        return self.wiring.orders.placement.place_store_order(request, key).order

    def place_personal(self, user_id: int = 1, key=None, quantity: int = 1) -> PersonalOrder:
        request = PersonalOrderRequest(user_id, "Kettle", quantity, Decimal("25.00"))
        return self.wiring.orders.placement.place_personal_order(request, key).order

    def status(self, order_id: int) -> str:
        return self.order_rows.get(order_id, consistent_read=True).status

    def tick(self) -> int:
        """Run the scheduled function with plenty of time."""
        return self.wiring.orders.sweeper.run(lambda: 60.0)

    def confirm(self, *messages: OrderConfirmed) -> None:
        """Send confirmations as the queue's function does; raise what stood in the way of the first."""
        self._raise_first(self.wiring.notifications.confirmations.confirm(messages))

    def complete(self, *messages: OrderClaimed) -> None:
        """Complete orders as the queue's function does; raise what stood in the way of the first."""
        self._raise_first(self.wiring.orders.processing.complete(messages))

    @staticmethod
    def _raise_first(failures: Mapping[Any, Exception]) -> None:
        for failure in failures.values():
            raise failure

    def all_orders(self) -> list[OrderRow]:
        return list(self.order_rows.scan(consistent_read=True))

    def _moments(self) -> dict[str, datetime]:
        return {"created_at": START, "updated_at": START}
