"""Customers, workers and editors who use the product at once and in every order, and remember every answer.

Every answer must still be true when the world has come to rest: that is all that a customer can know.
"""

import contextlib
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from chalicelib.errors import IdempotencyKeyReused, NotCancellable, NotFound, StockroomError
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.model import PersonalOrderRequest, StoreOrderRequest
from chalicelib.orders.placement import Placement
from chalicelib.orders.storage.tables import OrderRow
from chalicelib.platform.settings import Settings
from chalicelib.wiring import Wiring
from tests.simulator.faults import Crash
from tests.simulator.invariants import problems
from tests.simulator.world import World
from tests.support.shop import Shop

STORES = (1, 2)
PRODUCTS = tuple(range(10, 18))
STOCK = 400
# Carried by no store, but in the catalogue.
UNCARRIED = 20
USERS = (7, 8, 9)
TRIES = 4
_BECOMES = {
    "CONFIRMED": {"CONFIRMED", "CANCELLED"},
    "pending": {"completed", "cancelled"},
}

Request = StoreOrderRequest | PersonalOrderRequest
T = TypeVar("T")


@dataclass
class Memory:
    """The answers that customers got, and how many requests got none.

    `orders` has the status that the answer had and whose order it is; `keys` the request and the order that
    an idempotency key was first used for.
    """

    orders: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    keys: dict[str, tuple[Request, int]] = field(default_factory=dict)
    cancelled: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    wrong: list[str] = field(default_factory=list)

    def answer(self, request: Request, key: str | None, placement: Placement) -> None:
        """Remember the answer to a request for an order."""
        order = placement.order
        if key:
            _, first = self.keys.setdefault(key, (request, order.id))
            if first != order.id:
                self.note_violation(f"key {key} has order #{first} and order #{order.id}")
        if order.id in self.orders and not placement.replayed:
            self.note_violation(f"order #{order.id} was placed twice")
        self.orders.setdefault(order.id, (order.status.value, order.user_id))

    def no_answer(self) -> None:
        """Remember a request that may or may not have become an order."""
        self.unanswered += 1

    def cancellation(self, order_id: int) -> None:
        """Remember that an order was cancelled."""
        self.cancelled[order_id] += 1

    def note_violation(self, wrong: str) -> None:
        """Remember something that must never happen."""
        self.wrong.append(wrong)


def fill(shop: Shop, stock: int = STOCK) -> None:
    """Open stores with a stock that runs out, and a catalogue."""
    shop.add_category(1, "Electronics")
    for store_id in STORES:
        shop.add_store(store_id)
        for product_id in PRODUCTS:
            shop.add_stock(store_id, product_id, stock)
    shop.add_product(UNCARRIED)
    shop.wiring.catalog.transactions.raise_version()


def simulate(world: World, actors: int, operations: int) -> list[str]:
    """Let actors use the world until there were so many operations; return what is wrong when it rests."""
    memory = Memory()
    # An index follows within a moment, and what the world begins with has been there for long.
    world.cloud.dynamodb.settle()

    def act() -> None:
        actor = Actor(world, memory)
        while world.operations < operations:
            world.clock.advance(world.chance.uniform(0, 0.5))
            actor.act({**CUSTOMER, **WORKER, lambda _: wait(world): 2.0})

    world.turns.run([act] * actors)
    world.settle()
    differences = forgotten(world.shop.all_orders(), world.fulfilled, memory)
    return [*memory.wrong, *problems(world), *differences]


def wait(world: World) -> None:
    """Let time pass: mostly a little, and now and then more than a function may run."""
    seconds = (1, 2, 5, 10, 15) if world.chance.random() < 0.9 else (60, 150)
    world.clock.advance(world.chance.choice(seconds))


def forgotten(rows: Iterable[OrderRow], fulfilled: Mapping[int, int], memory: Memory) -> Iterator[str]:
    """Yield each difference between the answers that customers got and the orders that are stored."""
    by_id = {int(row.id): row for row in rows}
    for order_id, (status, _) in memory.orders.items():
        row = by_id.get(order_id)
        may_become = _BECOMES.get(status, {status})
        if row is None:
            yield f"order #{order_id} was {status}, and is lost"
        elif row.status not in may_become:
            yield f"order #{order_id} was {status}, and is {row.status}"
    for order_id, times in memory.cancelled.items():
        if times > 1 or by_id[order_id].status.lower() != "cancelled":
            yield f"order #{order_id} was cancelled {times} times, and is {by_id[order_id].status}"
        if fulfilled.get(order_id):
            yield f"order #{order_id} was cancelled and worked on"
    unknown = by_id.keys() - memory.orders.keys()
    if len(unknown) > memory.unanswered:
        yield f"{len(unknown)} orders that no customer was told of, {memory.unanswered} unanswered requests"


class Stage(Protocol):
    """Where actors act."""

    chance: random.Random
    settings: Settings

    def run(self, action: Callable[[Wiring], T]) -> T:
        """Run one function of the product; a process that dies raises `Crash`."""

    def deliver(self, url: str) -> int:
        """Deliver a batch of messages of a queue."""

    def tick(self) -> None:
        """Let the schedule start its functions."""


class Actor:
    """An actor that does one thing after another, chosen by chance."""

    def __init__(self, world: Stage, memory: Memory) -> None:
        self._world = world
        self._memory = memory
        self._chance = world.chance

    def act(self, actions: Mapping[Callable[["Actor"], None], float]) -> None:
        """Do one of these, each as likely as its weight; a process that dies over it is a new one next time."""
        with contextlib.suppress(Crash):
            self._chance.choices(list(actions), list(actions.values()))[0](self)

    def order(self) -> None:
        chosen = self._chance.sample(PRODUCTS, self._chance.randint(1, 3))
        wanted = {product_id: self._chance.choice((1, 1, 2, 3, 30)) for product_id in chosen}
        if self._chance.random() < 0.02:
            wanted[UNCARRIED] = 1
        user_id = self._chance.choice((*USERS, None))
        self._ask(StoreOrderRequest(self._chance.choice(STORES), wanted, None, user_id))

    def order_personally(self) -> None:
        self._ask(PersonalOrderRequest(self._chance.choice(USERS), "Kettle", 1, Decimal(5)))

    def _ask(self, request: Request) -> None:
        """Ask for an order; without an answer ask again, with the same key, or give up."""
        key = f"key-{self._chance.getrandbits(64)}" if self._chance.random() < 0.8 else None
        for _ in range(self._chance.randint(1, TRIES) if key else 1):
            try:
                self._memory.answer(request, key, self._place(request, key))
            except (StockroomError, Crash):
                continue
            return
        self._memory.no_answer()

    def _place(self, request: Request, key: str | None) -> Placement:
        idempotency = key and IdempotencyKey(key, repr(request))

        def place(wiring: Any) -> Placement:
            if isinstance(request, StoreOrderRequest):
                return wiring.orders.placement.place_store_order(request, idempotency)
            return wiring.orders.placement.place_personal_order(request, idempotency)

        return self._world.run(place)

    def repeat(self) -> None:
        """Use a key again, for the same or, mistakenly, for something else."""
        if not self._memory.keys:
            return
        key = self._chance.choice(list(self._memory.keys)[-200:])
        request, _ = self._memory.keys[key]
        if self._chance.random() < 0.8:
            with contextlib.suppress(StockroomError):
                self._memory.answer(request, key, self._place(request, key))
            return
        other = PersonalOrderRequest(USERS[0], "Another", 2, Decimal(5))
        try:
            self._place(other, key)
        except IdempotencyKeyReused:
            return
        except StockroomError:
            return
        self._memory.note_violation(f"key {key} was used for something else")

    def cancel(self) -> None:
        latest = list(self._memory.orders.items())[-60:]
        own = [(order_id, status, owner) for order_id, (status, owner) in latest if owner]
        if not own:
            return
        order_id, status, user_id = self._chance.choice(own)
        try:
            self._world.run(lambda wiring: wiring.orders.cancellation.cancel(order_id, user_id))
        except NotCancellable:
            return
        except NotFound:
            self._memory.note_violation(f"order #{order_id} is not found")
        except StockroomError:
            return
        else:
            if status not in _BECOMES:
                self._memory.note_violation(f"order #{order_id} was {status}, and could be cancelled")
            self._memory.cancellation(order_id)

    def edit(self) -> None:
        product_id, price = self._chance.choice(PRODUCTS), Decimal(self._chance.randint(1, 99))
        title = f"Product {product_id} {self._chance.choice('ABC')}"
        with contextlib.suppress(StockroomError):
            self._world.run(
                lambda wiring: wiring.catalog.editor.update_product(product_id, title=title, price=price)
            )

    def divide_stock(self) -> None:
        """Split the stock of a product or join it, as an operator does."""
        key, shards = (self._chance.choice(STORES), self._chance.choice(PRODUCTS)), self._chance.randint(1, 8)
        with contextlib.suppress(StockroomError):
            self._world.run(lambda wiring: wiring.inventory.resharding.divide(*key, shards))

    def deliver_confirmations(self) -> None:
        self._world.deliver(self._world.settings.confirmation_queue_url)

    def deliver_fulfilments(self) -> None:
        self._world.deliver(self._world.settings.fulfilment_queue_url)

    def deliver_changes(self) -> None:
        self._world.deliver(self._world.settings.catalog_queue_url)

    def tick(self) -> None:
        self._world.tick()


CUSTOMER = {
    Actor.order: 40, Actor.order_personally: 14, Actor.repeat: 8, Actor.cancel: 14, Actor.edit: 0.6,
    Actor.divide_stock: 0.6,
}  # fmt: skip
WORKER = {
    Actor.deliver_confirmations: 14, Actor.deliver_fulfilments: 6, Actor.deliver_changes: 0.3, Actor.tick: 1.0,
}  # fmt: skip
