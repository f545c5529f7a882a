"""The routes and functions that are measured, each with what it is called with and what it must answer."""

import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from app import app
from benchmarks.routes import world as shops
from benchmarks.routes.events import Event, context, http_event
from benchmarks.routes.world import World
from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.catalog.propagation.workers import refresh_search
from chalicelib.notifications.workers import send_confirmation
from chalicelib.orders.workers import complete_orders, process_pending_orders
from chalicelib.platform.queues.messages import encode
from chalicelib.platform.rate_limits.limiter import Limit
from infra.local import pump

ALICE, BOB = 7, 8
ORDER = "POST store order, 2 lines"
BATCH = 10
API_MB, QUEUE_MB, SEARCH_MB = 1769, 512, 3008

Call = Callable[[], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the tables.

    Args:
        name: what it is called.
        prepare: makes one call ready, which is not measured, and returns it.
        right: whether an answer is the right one.
        calls: how many are measured in one round.
        handles: how many orders one call handles.
        memory_mb: of the function that it runs in.
        source: what calls it: a request through API Gateway, messages from a queue, the schedule, or other code.
        peer: the key of the peers' figure.
    """

    name: str
    prepare: Callable[[], Call]
    right: Callable[[Any], bool]
    calls: int = 5
    handles: int = 1
    memory_mb: int = API_MB
    source: Literal["request", "queue", "schedule", "code"] = "request"
    peer: str = ""


class WrongAnswer(Exception):
    """What was measured did not do what it should."""


def api(event: Event) -> Any:
    """Let the application answer an event as Lambda would."""
    return app(event, context())


def _request(name: str, event: Callable[[], Event], right: Callable[[Any], bool], **options: Any) -> Row:
    def prepare() -> Call:
        ready = event()
        return lambda: api(ready)

    return Row(name=name, prepare=prepare, right=right, **options)


def _status(expected: int) -> Callable[[Any], bool]:
    return lambda answer: bool(answer["statusCode"] == expected)


def _holds(expected: int, of: Callable[[Any], int]) -> Callable[[Any], bool]:
    return lambda answer: answer["statusCode"] == 200 and of(json.loads(answer["body"])) == expected


def _all_done(answer: Any) -> bool:
    return bool(answer == {"batchItemFailures": []})


def store_order(store_id: int, *wanted: tuple[int, int], token: str = "") -> Event:
    """Build the event of an order of (product id, units)."""
    items = [{"product_id": product_id, "quantity_requested": units} for product_id, units in wanted]
    body = {"store_id": store_id, "items": items}
    if not token:
        body["customer_email"] = "ada@example.com"
    return http_event("POST", "/orders", body=body, token=token)


def personal_order(token: str) -> Event:
    """Build the event of an order of one's own."""
    body = {"product_name": "Kettle", "quantity": 2, "amount": "25.00"}
    return http_event("POST", "/orders", body=body, token=token)


def rows(world: World) -> list[Row]:
    """Return every row of the tables."""
    return [
        *_orders(world),
        *_listings(),
        *_searches(world.scale.common_hits),
        *_accounts(world),
        *_functions(world),
    ]


def _orders(world: World) -> Iterator[Row]:
    alice, bob = world.token(ALICE), world.token(BOB)
    unseen = iter(range(1, world.scale.unseen - 2, 2))

    def first_sight() -> Event:
        product_id = next(unseen)
        return store_order(shops.UNSEEN_STORE, (product_id, 1), (product_id + 1, 1))

    def cancel() -> Event:
        placed = api(store_order(shops.LARGE_STORE, (1, 1), (2, 1), token=bob))
        uid = json.loads(placed["body"])["uid"]
        return http_event("PATCH", "/orders/{uid}/cancel", uid=uid, token=bob)

    yield _request(
        ORDER,
        lambda: store_order(shops.LARGE_STORE, (1, 1), (2, 1)),
        _status(201),
        peer="store_order",
    )
    yield _request("the same, first sight of its products", first_sight, _status(201))
    sold_out = world.scale.unseen
    yield _request(
        "POST store order, rejected",
        lambda: store_order(shops.UNSEEN_STORE, (sold_out - 1, 1), (sold_out, 2)),
        _status(200),
    )
    yield _request("POST personal order", lambda: personal_order(alice), _status(201), peer="personal_order")
    for _ in range(12):
        api(personal_order(bob))
    yield _request(
        "GET own orders, a page of 10",
        lambda: http_event("GET", "/orders", token=bob),
        _holds(10, lambda body: len(body["results"] if isinstance(body, dict) else body)),
        peer="own_orders",
    )
    yield _request("PATCH cancel a store order", cancel, _status(200))


def _listings() -> Iterator[Row]:
    for store_id, count in ((shops.SMALL_STORE, shops.SMALL), (shops.LARGE_STORE, shops.LARGE)):
        yield _request(
            f"GET inventory, {count} rows",
            partial(http_event, "GET", "/stores/{store_id}/inventory", store_id=store_id),
            _holds(count, len),
            peer=f"inventory_{count}",
        )


def _searches(common: int) -> Iterator[Row]:
    path = "/api/search/products"
    here = f"store_id={shops.SEARCHED_STORE}"
    for name, query, count, peer in (
        (f"search, {shops.RARE_HITS} hits", "q=zephyr", shops.RARE_HITS, ""),
        (f"search, {common} hits", "q=and", common, ""),
        (f"search, {common} hits, with store", f"q=and&{here}", common, ""),
        (f"search, {shops.RARE_HITS} hits, in stock", f"q=zephyr&{here}&in_stock=true", None, "search_few"),
        (f"search, {common} hits, in stock", f"q=and&{here}&in_stock=true", None, "search_many"),
        ("search without q, in stock", f"{here}&in_stock=true", None, ""),
    ):
        yield _request(
            name,
            partial(http_event, "GET", path, query=query),
            _status(200) if count is None else _holds(count, lambda body: body["count"]),
            peer=peer,
        )
    yield _request(
        "suggest",
        lambda: http_event("GET", "/api/search/suggest", query="q=zep"),
        _status(200),
        calls=20,
        peer="suggest",
    )


def _accounts(world: World) -> Iterator[Row]:
    numbers = itertools.count(1)

    def hit() -> Call:
        limit = Limit("GET /limited", 1_000_000, 60)
        return lambda: world.wiring.platform.limiter.hit(limit, "address:203.0.113.7")

    yield Row(
        name="a limited route's limiter alone",
        prepare=hit,
        right=lambda decision: bool(decision.allowed),
        calls=20,
        source="code",
    )

    def registration() -> dict[str, str]:
        return {"name": "Ada", "email": f"ada{next(numbers)}@example.com", "password": uuid.uuid4().hex}

    def login() -> Event:
        if not known:
            known.append(registration())
            api(http_event("POST", "/users/register", body=known[0]))
        body = {name: known[0][name] for name in ("email", "password")}
        return http_event("POST", "/users/login", body=body)

    known: list[dict[str, str]] = []
    yield _request(
        "POST register (bcrypt)",
        lambda: http_event("POST", "/users/register", body=registration()),
        _status(201),
        calls=1,
    )
    yield _request("POST login (bcrypt)", login, _status(200), calls=1)


def _functions(world: World) -> Iterator[Row]:
    alice = world.token(ALICE)

    def confirm() -> Call:
        world.clear("order-confirmations")
        for _ in range(BATCH):
            api(store_order(shops.LARGE_STORE, (1, 1), (2, 1)))
        event = world.received("order-confirmations", BATCH)
        return lambda: send_confirmation(event, context())

    def complete() -> Call:
        world.clear("order-fulfilment")
        place_pending(alice, BATCH)
        process_pending_orders(pump.schedule_event(), context())
        event = world.received("order-fulfilment", BATCH)
        return lambda: complete_orders(event, context())

    yield Row(
        name=f"send_confirmation, batch of {BATCH}",
        prepare=confirm,
        right=_all_done,
        calls=1,
        handles=BATCH,
        memory_mb=QUEUE_MB,
        source="queue",
        peer="background",
    )
    yield tick(alice, world.scale.pending)
    yield Row(
        name=f"complete_orders, batch of {BATCH}",
        prepare=complete,
        right=_all_done,
        calls=1,
        handles=BATCH,
        memory_mb=QUEUE_MB,
        source="queue",
    )
    yield Row(
        name="refresh_search",
        prepare=refresh,
        right=_all_done,
        calls=1,
        memory_mb=SEARCH_MB,
        source="queue",
    )


def place_pending(token: str, count: int) -> None:
    """Place orders that the next tick takes up, after it has taken up whatever is there."""
    process_pending_orders(pump.schedule_event(), context())
    for _ in range(count):
        api(personal_order(token))


def tick(token: str, pending: int) -> Row:
    """Return the row of a run of the schedule that has so many orders to take up."""

    def prepare() -> Call:
        place_pending(token, pending)
        return lambda: process_pending_orders(pump.schedule_event(), context())

    return Row(
        name=f"process_pending_orders, {pending} pending",
        prepare=prepare,
        right=lambda answer: bool(answer == {"taken_up": pending}),
        calls=1,
        handles=pending,
        memory_mb=QUEUE_MB,
        source="schedule",
    )


def refresh() -> Call:
    """Return a run that builds and publishes the index anew, whatever is published."""
    message = CatalogChanged(catalog_version=1, built_since=int(time.time()) + 3600)
    event = pump.sqs_event([{"MessageId": "1", "ReceiptHandle": "1", "Body": encode(message)}])
    return lambda: refresh_search(event, context(seconds=900))
