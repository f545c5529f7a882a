"""Whatever is asked of the shop, with faults and crashes at any call: it does what a few dictionaries say."""

import contextlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.errors import IdempotencyKeyReused, NotCancellable, StockroomError, Unavailable
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.model import PersonalOrderRequest, StoreOrderRequest
from chalicelib.wiring import Wiring
from tests.simulator.faults import Crash
from tests.simulator.invariants import problems
from tests.simulator.world import CHANGES, CONFIRMATIONS, FULFILMENTS, World

USER = 7
STORES, PRODUCTS, UNCARRIED = (1, 2), (10, 11, 12), 20
STOCK = 9
FAULT_RATE, CRASH_RATE, DUPLICATE_RATE = 0.1, 0.03, 0.1
OPEN = {"CONFIRMED", "pending"}
# What the shop may make of an order by itself.
GOES_ON_TO = {"pending": {"processing", "completed"}, "processing": {"completed"}}

stores = st.sampled_from(STORES)
wishes = st.dictionaries(st.sampled_from((*PRODUCTS, UNCARRIED)), st.integers(1, 6), min_size=1, max_size=3)

Request = StoreOrderRequest | PersonalOrderRequest


class ShopMachine(RuleBasedStateMachine):
    """The shop beside a model of it: stock by store and product, status and lines by order, orders by key."""

    @initialize(seed=st.integers(0, 2**32))
    def open(self, seed: int) -> None:
        self.closing = contextlib.ExitStack()
        self.world = world = World(seed, duplicate=DUPLICATE_RATE, late=True)
        self.closing.enter_context(world.up())
        world.shop.add_category(1, "Electronics")
        world.shop.add_product(UNCARRIED)
        for store_id in STORES:
            world.shop.add_store(store_id)
            for product_id in PRODUCTS:
                world.shop.add_stock(store_id, product_id, STOCK)
        world.shop.wiring.catalog.transactions.raise_version()
        # An index follows within a moment, and all this has been there for long.
        world.cloud.dynamodb.settle()
        world.storm.rate, world.crash_rate = FAULT_RATE, CRASH_RATE
        self.stock = {(store_id, product_id): STOCK for store_id in STORES for product_id in PRODUCTS}
        self.prices = {product_id: {Decimal(10)} for product_id in (*PRODUCTS, UNCARRIED)}
        self.statuses: dict[int, str] = {}
        self.lines: dict[int, dict[tuple[int, int], int]] = {}
        self.keys: dict[str, tuple[Request, int]] = {}

    @rule(store_id=stores, wanted=wishes, keyed=st.booleans())
    def order(self, store_id: int, wanted: dict[int, int], keyed: bool) -> None:
        self.ask(StoreOrderRequest(store_id, wanted, None, USER), f"key-{len(self.keys)}" if keyed else None)

    @rule(keyed=st.booleans())
    def order_personally(self, keyed: bool) -> None:
        self.ask(
            PersonalOrderRequest(USER, "Kettle", 1, Decimal(5)), f"key-{len(self.keys)}" if keyed else None
        )

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.keys)))
        request, order_id = self.keys[key]
        placement = self.run(lambda wiring: place(wiring, request, key))
        assert placement is None or (placement.order.id == order_id and placement.replayed)

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def use_a_key_for_something_else(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.keys)))
        other = PersonalOrderRequest(USER, "Another", 2, Decimal(5))
        with contextlib.suppress(IdempotencyKeyReused):
            assert self.run(lambda wiring: place(wiring, other, key)) is None

    @precondition(lambda self: self.statuses)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.statuses)))
        self.follow()
        is_open = self.statuses[order_id] in OPEN
        try:
            order = self.run(lambda wiring: wiring.orders.cancellation.cancel(order_id, USER))
        except NotCancellable:
            assert not is_open
            return
        is_cancelled = self.world.shop.status(order_id).lower() == "cancelled"
        if order:
            assert is_open
            assert is_cancelled
        if is_open and is_cancelled:
            self.note_cancelled(order_id)

    @rule(product_id=st.sampled_from(PRODUCTS), price=st.integers(1, 99))
    def edit(self, product_id: int, price: int) -> None:
        self.prices[product_id].add(Decimal(price))
        self.run(lambda wiring: wiring.catalog.editor.update_product(product_id, price=Decimal(price)))

    @rule(store_id=stores, product_id=st.sampled_from(PRODUCTS), shards=st.integers(1, 6))
    def split_stock(self, store_id: int, product_id: int, shards: int) -> None:
        self.run(lambda wiring: wiring.inventory.resharding.divide(store_id, product_id, shards))

    @rule(url=st.sampled_from((CONFIRMATIONS, FULFILMENTS, CHANGES)))
    def deliver(self, url: str) -> None:
        with contextlib.suppress(Crash):
            self.world.deliver(url)

    @rule(times=st.integers(1, 2))
    def tick(self, times: int) -> None:
        for _ in range(times):
            with contextlib.suppress(Crash):
                self.world.tick()

    @rule(seconds=st.sampled_from([1, 10, 60, 200]))
    def wait(self, seconds: int) -> None:
        self.world.clock.advance(seconds)

    @invariant()
    def there_is_as_much_as_the_model_says(self) -> None:
        if hasattr(self, "world"):
            assert self.world.shop.available_of(self.stock) == self.stock
            self.follow()

    def teardown(self) -> None:
        """Left to the schedule, the shop comes to rest, and is as the model says."""
        if not hasattr(self, "world"):
            return
        with self.closing:
            self.world.settle()
            self.follow()
            assert problems(self.world) == []
            assert self.world.shop.available_of(self.stock) == self.stock

    def run(self, action: Callable[[Wiring], Any]) -> Any:
        """Return the shop's answer; None when it gave none."""
        try:
            return self.world.run(action)
        except (Unavailable, Crash):
            return None
        except StockroomError as error:
            if error.code == "request_in_progress":
                return None
            raise

    def ask(self, request: Request, key: str | None) -> None:
        """Ask for an order; without an answer, look whether it was placed all the same."""
        placement = self.run(lambda wiring: place(wiring, request, key))
        rows = {int(row.id): row for row in self.world.shop.all_orders()}
        new = rows.keys() - self.statuses.keys()
        assert len(new) <= 1
        if placement:
            assert new == {placement.order.id}
            assert not placement.replayed
        for order_id in new:
            self.note_placed(request, rows[order_id])
            if key:
                self.keys[key] = request, order_id

    def note_placed(self, request: Request, row: Any) -> None:
        order_id = int(row.id)
        self.statuses[order_id], self.lines[order_id] = row.status, {}
        if isinstance(request, PersonalOrderRequest):
            assert row.status == "pending"
            return
        wanted = {(request.store_id, product_id): units for product_id, units in request.wanted.items()}
        short = {
            key[1]: self.stock.get(key, 0) for key, units in wanted.items() if self.stock.get(key, 0) < units
        }
        assert {int(part.product_id): int(part.available) for part in row.shortages or ()} == short
        assert row.status == ("REJECTED" if short else "CONFIRMED")
        assert all(line.price in self.prices[int(line.product_id)] for line in row.lines)
        if not short:
            self.lines[order_id] = wanted
            for key, units in wanted.items():
                self.stock[key] -= units

    def note_cancelled(self, order_id: int) -> None:
        self.statuses[order_id] = self.world.shop.status(order_id)
        for key, units in self.lines[order_id].items():
            self.stock[key] += units

    def follow(self) -> None:
        """Let the model go on where the shop has gone on by itself, and nowhere else."""
        rows = {int(row.id): row.status for row in self.world.shop.all_orders()}
        assert rows.keys() == self.statuses.keys()
        for order_id, status in rows.items():
            if status != self.statuses[order_id]:
                assert status in GOES_ON_TO[self.statuses[order_id]]
                self.statuses[order_id] = status


def place(wiring: Wiring, request: Request, key: str | None) -> Any:
    idempotency = IdempotencyKey(key, repr(request)) if key else None
    if isinstance(request, StoreOrderRequest):
        return wiring.orders.placement.place_store_order(request, idempotency)
    return wiring.orders.placement.place_personal_order(request, idempotency)


@pytest.mark.timeout(600)
def test_the_shop_does_what_the_model_says() -> None:
    case = ShopMachine.TestCase
    case.settings = settings(
        max_examples=40,
        stateful_step_count=40,
        deadline=None,
        derandomize=True,
        # Making a story of forty steps shorter takes longer than reading it.
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    case().runTest()
