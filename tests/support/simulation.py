"""Customers, workers and editors who use a world at once and in every order, and remember what they were told.

What one was told must hold when the world has come to rest: that is what a customer can know of the product.
"""

import contextlib
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from chalicelib.errors import IdempotencyKeyReused, NotCancellable, NotFound, StockroomError
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.model import (
    PersonalOrder,
    PersonalOrderRequest,
    PersonalOrderStatus,
    StoreOrder,
    StoreOrderRequest,
    StoreOrderStatus,
)
from chalicelib.orders.placement import Placement
from tests.support.crashes import Crash
from tests.support.invariants import problems
from tests.support.world import CHANGES, CONFIRMATIONS, FULFILMENTS, World

STORES = (1, 2)
PRODUCTS = tuple(range(10, 18))
STOCK = 400
# Carried by no store, but in the catalogue.
UNCARRIED = 20
USERS = (7, 8, 9)
TRIES = 4

Request = StoreOrderRequest | PersonalOrderRequest


@dataclass
class Memory:
    """What customers were told, and what they could not know."""

    orders: dict[int, StoreOrder | PersonalOrder] = field(default_factory=dict)
    keys: dict[str, tuple[Request, int]] = field(default_factory=dict)
    cancelled: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    wrong: list[str] = field(default_factory=list)


def fill(world: World) -> None:
    """Give the world shops with a stock that runs out, and a catalogue."""
    world.shop.add_category(1, "Electronics")
    for store_id in STORES:
        world.shop.add_store(store_id)
        for product_id in PRODUCTS:
            world.shop.add_stock(store_id, product_id, STOCK)
    world.shop.add_product(UNCARRIED)
    world.shop.wiring.catalog_transactions.raise_version()


def simulate(world: World, actors: int, operations: int) -> list[str]:
    """Let actors use the world until there were so many operations; return what is wrong when it rests."""
    memory = Memory()
    world.turns.run([Actor(world, memory, operations).act] * actors)
    world.settle()
    return [*memory.wrong, *problems(world), *forgotten(world, memory)]


def forgotten(world: World, memory: Memory) -> list[str]:
    """Return what is not as customers were told."""
    rows = {int(row.id): row for row in world.shop.all_orders()}
    wrong = []
    for order_id, order in memory.orders.items():
        row = rows.get(order_id)
        allowed = {order.status.value, "CANCELLED", "cancelled", "completed"}
        if row is None:
            wrong.append(f"order #{order_id} was {order.status.value}, and is lost")
        elif row.status not in allowed or (row.status == "CANCELLED" and order.status == "REJECTED"):
            wrong.append(f"order #{order_id} was {order.status.value}, and is {row.status}")
    for order_id, times in memory.cancelled.items():
        if times > 1 or rows[order_id].status.lower() != "cancelled":
            wrong.append(f"order #{order_id} was cancelled {times} times, and is {rows[order_id].status}")
        if world.fulfilled[order_id]:
            wrong.append(f"order #{order_id} was cancelled and worked on")
    unknown = rows.keys() - memory.orders.keys()
    if len(unknown) > memory.unanswered:
        wrong.append(
            f"{len(unknown)} orders that nobody was told of, {memory.unanswered} unanswered requests"
        )
    return wrong


class Actor:
    """One who does this and that, as chance has it."""

    def __init__(self, world: World, memory: Memory, operations: int) -> None:
        self._world = world
        self._memory = memory
        self._operations = operations
        self._chance = world.chance
        self._deeds = {
            self._order: 40, self._order_personally: 14, self._repeat: 8, self._cancel: 14, self._edit: 0.6,
            self._deliver_confirmations: 14, self._deliver_fulfilments: 6, self._deliver_changes: 0.3,
            self._tick: 1.0, self._wait: 2.0,
        }  # fmt: skip

    def act(self) -> None:
        """Act until there were enough operations."""
        deeds, weights = list(self._deeds), list(self._deeds.values())
        while self._world.operations < self._operations:
            self._world.clock.advance(self._chance.uniform(0, 0.5))
            with contextlib.suppress(Crash):
                self._chance.choices(deeds, weights)[0]()

    def _order(self) -> None:
        chosen = self._chance.sample(PRODUCTS, self._chance.randint(1, 3))
        wanted = {product_id: self._chance.choice((1, 1, 2, 3, 30)) for product_id in chosen}
        if self._chance.random() < 0.02:
            wanted[UNCARRIED] = 1
        user_id = self._chance.choice((*USERS, None))
        self._ask(StoreOrderRequest(self._chance.choice(STORES), wanted, None, user_id))

    def _order_personally(self) -> None:
        self._ask(PersonalOrderRequest(self._chance.choice(USERS), "Kettle", 1, Decimal(5)))

    def _ask(self, request: Request) -> None:
        """Ask for an order; without an answer ask again, with the same key, or give up."""
        key = (
            f"key-{self._world.operations}-{self._chance.getrandbits(32)}"
            if self._chance.random() < 0.8
            else None
        )
        for _ in range(self._chance.randint(1, TRIES) if key else 1):
            try:
                self._remember(request, key, self._place(request, key))
            except (StockroomError, Crash):
                continue
            return
        self._memory.unanswered += 1

    def _place(self, request: Request, key: str | None) -> Placement:
        idempotency = key and IdempotencyKey(key, repr(request))

        def place(wiring: Any) -> Placement:
            if isinstance(request, StoreOrderRequest):
                return wiring.order_placement.place_store_order(request, idempotency)
            return wiring.order_placement.place_personal_order(request, idempotency)

        return self._world.run(place)

    def _remember(self, request: Request, key: str | None, placement: Placement) -> None:
        order, memory = placement.order, self._memory
        if key:
            _, first = memory.keys.setdefault(key, (request, order.id))
            if first != order.id:
                memory.wrong.append(f"key {key} has order #{first} and order #{order.id}")
        if order.id in memory.orders and not placement.replayed:
            memory.wrong.append(f"order #{order.id} was placed twice")
        memory.orders.setdefault(order.id, order)

    def _repeat(self) -> None:
        """Use a key again, for the same or, mistakenly, for something else."""
        if not self._memory.keys:
            return
        key = self._chance.choice(list(self._memory.keys)[-200:])
        request, _ = self._memory.keys[key]
        if self._chance.random() < 0.8:
            with contextlib.suppress(StockroomError):
                self._remember(request, key, self._place(request, key))
            return
        other = PersonalOrderRequest(USERS[0], "Another", 2, Decimal(5))
        try:
            self._place(other, key)
        except IdempotencyKeyReused:
            return
        except StockroomError:
            return
        self._memory.wrong.append(f"key {key} was used for something else")

    def _cancel(self) -> None:
        own = [order for order in list(self._memory.orders.values())[-60:] if order.user_id]
        if not own:
            return
        order = self._chance.choice(own)
        try:
            self._world.run(lambda wiring: wiring.order_cancellation.cancel(order.id, order.user_id))
        except NotCancellable:
            return
        except NotFound:
            self._memory.wrong.append(f"order #{order.id} is not found")
        except StockroomError:
            return
        else:
            if order.status not in (StoreOrderStatus.CONFIRMED, PersonalOrderStatus.PENDING):
                self._memory.wrong.append(f"order #{order.id} was {order.status}, and could be cancelled")
            self._memory.cancelled[order.id] += 1

    def _edit(self) -> None:
        product_id, price = self._chance.choice(PRODUCTS), Decimal(self._chance.randint(1, 99))
        title = f"Product {product_id} {self._chance.choice('ABC')}"
        with contextlib.suppress(StockroomError):
            self._world.run(
                lambda wiring: wiring.catalog_editor.update_product(product_id, title=title, price=price)
            )

    def _deliver_confirmations(self) -> None:
        self._world.deliver(CONFIRMATIONS)

    def _deliver_fulfilments(self) -> None:
        self._world.deliver(FULFILMENTS)

    def _deliver_changes(self) -> None:
        self._world.deliver(CHANGES)

    def _tick(self) -> None:
        self._world.tick()

    def _wait(self) -> None:
        self._world.clock.advance(
            self._chance.choice((1, 2, 5, 10, 15) if self._chance.random() < 0.9 else (60, 150))
        )
