"""What happens to a page and to a tick when there is more of everything: each of them must stay as it is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec

from benchmarks.routes.events import http_event
from benchmarks.routes.measuring import cpu, median, observe
from benchmarks.routes.rows import ALICE, ORDER, Row, api, store_order, tick
from benchmarks.routes.world import World

_FIRST_USER, _FIRST_STORE, _FIRST_STOCK_STORE = 100, 100, 200
# Ids are in order of time, and far enough apart not to meet those of other accounts.
_ID_STEP = 1 << 20
_BATCH = 25

Item = dict[str, Any]


class Grown(msgspec.Struct, frozen=True):
    """One measurement: what was called, of what there was how much."""

    name: str
    of: str
    size: int
    cpu_ms: float
    round_trips: int


def grow(world: World, tell: Callable[[str], None]) -> Iterator[Grown]:
    """Measure every growth, in tables where nothing else is; sizes of one kind take turns where they can."""
    rounds = world.scale.rounds
    yield from _ticks(world, rounds, tell)
    yield from _take_turns(world, list(_by_orders(world, world.scale.growing_orders, tell)), rounds, tell)
    yield from _take_turns(world, list(_by_stock(world, world.scale.growing_stock, tell)), rounds, tell)


Sized = tuple[str, int, Row]


def _take_turns(world: World, sized: list[Sized], rounds: int, tell: Callable[[str], None]) -> list[Grown]:
    trips = [observe(row, world.servers.relay)[1].round_trips for _, _, row in sized]
    found: list[list[float]] = [[] for _ in sized]
    for number in range(rounds):
        tell(f"growth of {sized[0][0]}: round {number + 1} of {rounds}")
        for values, (_, _, row) in zip(found, sized, strict=True):
            values.append(cpu(row))
    grown = [
        Grown(row.name, of, size, median(values), count)
        for (of, size, row), values, count in zip(sized, found, trips, strict=True)
    ]
    return sorted(grown, key=lambda each: (each.name, each.size))


def _ticks(world: World, rounds: int, tell: Callable[[str], None]) -> Iterator[Grown]:
    token = world.token(ALICE)
    template = _item(world, world.shop.place_personal(ALICE).id) | {"status": {"S": "completed"}}
    row = tick(token, world.scale.pending)
    there = 0
    for size in world.scale.completed_orders:
        tell(f"growth of completed orders: making {size:,}")
        _store(world, _copies(template, range(there, size)))
        there = size
        yield from _take_turns(world, [("completed orders", size, row)], min(rounds, 3), tell)


def _by_orders(world: World, sizes: Sequence[int], tell: Callable[[str], None]) -> Iterator[Sized]:
    for number, size in enumerate(sizes):
        tell(f"growth of orders: making {size:,}")
        user_id, store_id = _FIRST_USER + number, _FIRST_STORE + number
        world.add_store(store_id, _BATCH)
        template = _item(world, world.shop.place(store_id, {1: 1, 2: 1}, user_id=user_id).id)
        _store(world, _copies(template, range(size - 1)))
        token = world.token(user_id)
        for row in (
            _row("GET own orders, a page of 10", partial(http_event, "GET", "/orders", token=token)),
            _row(
                "GET the store's orders, a page of 10",
                partial(http_event, "GET", "/stores/{store_id}/orders", query="limit=10", store_id=store_id),
            ),
            _row(ORDER, partial(store_order, store_id, (1, 1), (2, 1), token=token), status=201),
        ):
            yield "orders of the account and store", size, row


def _by_stock(world: World, sizes: Sequence[int], tell: Callable[[str], None]) -> Iterator[Sized]:
    for number, size in enumerate(sizes):
        tell(f"growth of stock: making {size:,}")
        store_id = _FIRST_STOCK_STORE + number
        world.add_store(store_id, size)
        for row in (
            _row(
                "GET inventory, a page of 20",
                partial(
                    http_event, "GET", "/stores/{store_id}/inventory", query="limit=20", store_id=store_id
                ),
            ),
            _row(ORDER, partial(store_order, store_id, (1, 1), (2, 1)), status=201),
        ):
            yield "products of the store", size, row


def _row(name: str, event: Callable[[], dict[str, Any]], status: int = 200) -> Row:
    def prepare() -> Callable[[], Any]:
        ready = event()
        return lambda: api(ready)

    return Row(name=name, prepare=prepare, right=lambda answer: bool(answer["statusCode"] == status))


def _item(world: World, order_id: int) -> Item:
    """Return an order's row, without its work."""
    table = world.settings.resource("orders")
    item: Item = world.dynamodb.get_item(TableName=table, Key={"id": {"N": str(order_id)}})["Item"]
    return {name: value for name, value in item.items() if name not in ("due_shard", "due_at")}


def _copies(template: Item, numbers: Iterable[int]) -> Iterator[Item]:
    """Yield older and older copies of an order."""
    newest = int(template["id"]["N"])
    for number in numbers:
        yield template | {"id": {"N": str(newest - (number + 1) * _ID_STEP)}}


def _store(world: World, items: Iterable[Item]) -> None:
    table = world.settings.resource("orders")
    left: list[dict[str, Any]] = []
    for item in items:
        left.append({"PutRequest": {"Item": item}})
        if len(left) == _BATCH:
            left = _written(world, table, left)
    while left:
        left = _written(world, table, left)


def _written(world: World, table: str, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answer = world.dynamodb.batch_write_item(RequestItems={table: requests})
    unprocessed: list[dict[str, Any]] = answer.get("UnprocessedItems", {}).get(table, [])
    return unprocessed
