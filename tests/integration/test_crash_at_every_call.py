"""A process dies at each call that it makes, before the call and right after it; the schedule puts all right.

The calls are not listed here: a first run counts them, so that a new call is covered by itself.
"""

import contextlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from chalicelib.catalog.model import Product
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.model import PersonalOrderRequest, StoreOrderRequest
from chalicelib.orders.placement import Placement
from chalicelib.wiring import Wiring
from tests.simulator.faults import Crash, Fault, died_after, died_before
from tests.simulator.invariants import problems
from tests.simulator.world import CHANGES, CONFIRMATIONS, FULFILMENTS, World

USER = 7
KEY = IdempotencyKey("key", "fingerprint")


@cache
def stocked() -> World:
    """Return a world that has come to rest with some stock; others begin as copies of it."""
    with World(1).up() as world:
        world.shop.add_category(1, "Electronics")
        for store_id in (1, 2):
            world.shop.add_store(store_id)
            for product_id in (10, 11):
                world.shop.add_stock(store_id, product_id, 7)
        world.shop.wiring.catalog.transactions.raise_version()
        world.settle()
    return world


def placing(wiring: Wiring) -> Placement:
    return wiring.orders.placement.place_store_order(
        StoreOrderRequest(1, {10: 2, 11: 1}, "a@b.example", USER), KEY
    )


def personal(wiring: Wiring) -> Placement:
    return wiring.orders.placement.place_personal_order(
        PersonalOrderRequest(USER, "Kettle", 1, Decimal(5)), KEY
    )


def place_before(world: World) -> int:
    return world.run(placing).order.id


def path_place(world: World) -> Callable[[], Any]:
    return lambda: world.run(placing)


def path_place_short(world: World) -> Callable[[], Any]:
    world.shop.stock_rows(1, 11).update(
        [world.shop.stock_rows.quantity.set(0), world.shop.stock_rows.supplied.set(0)]
    )
    return lambda: world.run(placing)


def path_place_from_scattered_units(world: World) -> Callable[[], Any]:
    world.shop.split_stock(1, 10, 7)
    return lambda: world.run(placing)


def path_place_personal(world: World) -> Callable[[], Any]:
    return lambda: world.run(personal)


def path_cancel(world: World) -> Callable[[], Any]:
    order_id = place_before(world)
    return lambda: world.run(lambda wiring: wiring.orders.cancellation.cancel(order_id, USER))


def path_claim(world: World) -> Callable[[], Any]:
    world.run(personal)
    return world.tick


def path_queue_again(world: World) -> Callable[[], Any]:
    place_before(world)
    world.cloud.sqs.queue(CONFIRMATIONS).messages.clear()
    world.clock.advance(200)
    return world.tick


def path_complete(world: World) -> Callable[[], Any]:
    world.run(personal)
    world.tick()
    world.clock.advance(11)
    return lambda: world.deliver(FULFILMENTS)


def path_confirm(world: World) -> Callable[[], Any]:
    place_before(world)
    return lambda: world.deliver(CONFIRMATIONS)


def edit(wiring: Wiring) -> Product:
    return wiring.catalog.editor.update_product(10, title="Another title", price=Decimal("12.34"))


def path_edit(world: World) -> Callable[[], Any]:
    return lambda: world.run(edit)


def path_add_product(world: World) -> Callable[[], Any]:
    return lambda: world.run(
        lambda wiring: wiring.catalog.editor.add_product(
            title="New", description="", price=Decimal(1), category_id=1
        )
    )


def path_refresh_and_fan_out(world: World) -> Callable[[], Any]:
    world.run(edit)
    return lambda: world.deliver(CHANGES)


def path_fan_out_to_parts(world: World) -> Callable[[], Any]:
    world.shop.split_stock(1, 10, 3)
    return path_refresh_and_fan_out(world)


def divide(world: World, shards: int) -> Callable[[], Any]:
    return lambda: world.run(lambda wiring: wiring.inventory.resharding.divide(1, 10, shards))


def path_split(world: World) -> Callable[[], Any]:
    return divide(world, 4)


def path_join(world: World) -> Callable[[], Any]:
    world.shop.split_stock(1, 10, 4)
    return divide(world, 1)


PATHS = {name.removeprefix("path_"): path for name, path in globals().items() if name.startswith("path_")}


@contextlib.contextmanager
def make_world() -> Iterator[World]:
    origin = stocked()
    with World(1).up() as world:
        world.cloud.copy(origin.cloud)
        world.clock.now = origin.clock.now
        yield world


def deaths(path: Callable[[World], Callable[[], Any]]) -> Iterator[tuple[int, Fault]]:
    with make_world() as world:
        act = path(world)
        world.one_call.aim(None)
        act()
        calls = world.one_call.calls
    assert calls > 0
    for number in range(calls):
        yield number, died_before
        yield number, died_after


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", PATHS)
def test_whatever_call_a_process_dies_at_nothing_is_lost_and_nothing_doubled(name: str):
    for number, death in deaths(PATHS[name]):
        with make_world() as world:
            act, where = PATHS[name](world), f"{death.__name__} call {number}"
            world.one_call.aim(number, death)
            with pytest.raises(Crash):
                act()
            world.settle()
            assert problems(world) == [], where
            # A client that got no answer asks again, with the same key.
            if name.startswith("place"):
                again = personal if name == "place_personal" else placing
                assert world.run(again).order.id == world.run(again).order.id, where
                world.settle()
                assert problems(world) == [], where
                assert len(world.shop.all_orders()) == 1, where
