"""Placing orders while DynamoDB throttles, conflicts, times out or loses its answer."""

import pytest

from chalicelib.errors import Contended, RequestInProgress, Unavailable
from chalicelib.inventory.storage.tables import StockRow
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.model import Shortage, StoreOrderStatus
from tests.simulator import faults
from tests.simulator.faults import Faults
from tests.support.shop import Shop

OPERATION = "TransactWriteItems"
CONFLICT = faults.cancelled("TransactionConflict", "None", "None")


@pytest.fixture
def shop(dynamodb_shop: Shop) -> Shop:
    dynamodb_shop.add_store(1)
    dynamodb_shop.add_stock(1, 10, 7, "iPhone 15", "1000.00")
    dynamodb_shop.add_stock(1, 11, 3, "Samsung TV", "1500.00")
    return dynamodb_shop


@pytest.fixture
def meet(shop: Shop) -> Faults:
    return Faults(shop.wiring.platform.database)


def hurried(shop: Shop) -> Shop:
    """Give the shop a short deadline, for faults that outlast it."""
    shop.rewire(settings={"order_deadline_seconds": 0.2})
    return shop


def sold_meanwhile(shop: Shop) -> None:
    """Let the process remember more than there is, so that it tries to take it without reading first."""
    for product_id in (10, 11):
        row = shop.stock_rows.get(1, product_id)
        row.update([StockRow.quantity.set(StockRow.quantity + 100)])
    shop.wiring.inventory.allocator.allocate(1, {10: 1, 11: 1})
    for product_id in (10, 11):
        row = shop.stock_rows.get(1, product_id)
        row.update([StockRow.quantity.set(StockRow.quantity - 100)])


def test_contention_is_retried_until_the_order_goes_through(shop: Shop, meet: Faults):
    meet.on(OPERATION, *[CONFLICT] * 3, faults.cancelled("None", "ThrottlingError", "TransactionConflict"))
    order = shop.place(1, {10: 1, 11: 1})

    assert order.status is StoreOrderStatus.CONFIRMED
    assert len(meet.requests) == 5
    assert (shop.quantity(1, 10), shop.quantity(1, 11)) == (6, 2)


def test_contention_beyond_the_deadline_is_unavailable_and_takes_nothing(shop: Shop, meet: Faults):
    meet.on(OPERATION, *[CONFLICT] * 1000)
    with pytest.raises(Contended):
        hurried(shop).place(1, {10: 1, 11: 1})

    assert len(meet.requests) > 3
    assert shop.all_orders() == []
    assert shop.quantity(1, 10) == 7


def test_contention_on_the_idempotency_key_alone_says_that_its_request_is_running(shop: Shop, meet: Faults):
    meet.on(OPERATION, *[faults.cancelled("None", "TransactionConflict", "None")] * 1000)
    with pytest.raises(RequestInProgress):
        hurried(shop).place(1, {10: 1}, IdempotencyKey("key", "fingerprint"))


@pytest.mark.parametrize(
    "fault",
    [
        faults.answer("ThrottlingException"),
        faults.answer("ProvisionedThroughputExceededException"),
        faults.answer("TransactionInProgressException"),
        faults.answer("InternalServerError", 500),
        faults.answer("ServiceUnavailable", 503),
        faults.refused,
        faults.timed_out,
    ],
    ids=lambda fault: getattr(fault, "__name__", "answer"),
)
def test_a_passing_fault_is_retried_with_the_same_token(shop: Shop, meet: Faults, fault):
    meet.on(OPERATION, fault, fault)
    order = shop.place(1, {10: 1})

    assert order.status is StoreOrderStatus.CONFIRMED
    assert shop.quantity(1, 10) == 6
    assert len(meet.requests) == 3
    assert len({request["ClientRequestToken"] for request in meet.requests}) == 1


def test_an_order_whose_answer_got_lost_is_placed_once(shop: Shop, meet: Faults):
    meet.on(OPERATION, faults.carried_out_then_timed_out)
    order = shop.place(1, {10: 1})

    assert [int(row.id) for row in shop.all_orders()] == [order.id]
    assert shop.quantity(1, 10) == 6


def test_an_order_whose_answer_got_lost_is_recognised_even_when_the_token_is_not(shop: Shop, meet: Faults):
    meet.on(OPERATION, carried_out_under_another_token)
    order = shop.place(1, {10: 7}, IdempotencyKey("key", "fingerprint"))

    assert order.status is StoreOrderStatus.CONFIRMED
    assert [int(row.id) for row in shop.all_orders()] == [order.id]
    assert shop.quantity(1, 10) == 0
    assert shop.announcements.order_ids == [order.id]


def test_a_rejection_whose_answer_got_lost_is_stored_once(shop: Shop, meet: Faults):
    sold_meanwhile(shop)
    meet.on(OPERATION, None, faults.carried_out_then_timed_out)
    order = shop.place(1, {10: 8})

    assert order.shortages == (Shortage(10, 8, 7),)
    assert [int(row.id) for row in shop.all_orders()] == [order.id]


def test_a_real_shortage_is_never_retried(shop: Shop, meet: Faults):
    sold_meanwhile(shop)
    meet.on(OPERATION)
    shop.place(1, {10: 8})

    # One transaction that is refused, and one that stores the rejection.
    assert len(meet.requests) == 2


def test_a_shortage_that_is_seen_before_the_transaction_costs_only_the_one_that_stores_the_rejection(
    shop: Shop, meet: Faults
):
    meet.on(OPERATION)

    assert shop.place(1, {10: 8}).shortages == (Shortage(10, 8, 7),)
    assert len(meet.requests) == 1


def test_a_shortage_beside_contention_is_a_rejection_that_names_every_short_line(shop: Shop, meet: Faults):
    sold_meanwhile(shop)
    short = ("ConditionalCheckFailed", stock_item(shop, 10))
    meet.on(OPERATION, faults.cancelled("None", short, "TransactionConflict"))
    order = shop.place(1, {10: 8, 11: 4})

    assert order.shortages == (Shortage(10, 8, 7), Shortage(11, 4, 3))
    assert len(meet.requests) == 2


def test_a_shortage_beside_contention_on_a_line_with_enough_names_only_the_short_line(
    shop: Shop, meet: Faults
):
    sold_meanwhile(shop)
    short = ("ConditionalCheckFailed", stock_item(shop, 10))
    meet.on(OPERATION, faults.cancelled("None", short, "TransactionConflict"))
    assert shop.place(1, {10: 8, 11: 1}).shortages == (Shortage(10, 8, 7),)


def test_an_id_that_another_order_has_is_replaced(shop: Shop, meet: Faults):
    first = shop.place(1, {10: 1})
    taken = ("ConditionalCheckFailed", shop.order_rows.get(first.id).serialize())
    meet.on(OPERATION, faults.cancelled(taken, "None"))
    second = shop.place(1, {10: 1})

    assert second.id != first.id
    assert shop.quantity(1, 10) == 5


@pytest.mark.parametrize("operation", ["BatchGetItem", "GetItem", "Query"])
def test_reads_are_retried_too(shop: Shop, meet: Faults, operation: str):
    meet.on(operation, faults.answer("ThrottlingException"), faults.refused)
    shop.wiring.inventory.stock.levels(1, [10])
    shop.wiring.inventory.stores.store(1)
    shop.wiring.inventory.stock.listing(1, None, 10)

    assert len(meet.requests) == 3


def test_keys_that_are_held_back_are_asked_for_again(shop: Shop, meet: Faults):
    table = shop.stock_rows.Meta.table_name
    held_back = {table: {"Keys": [{"store_id": {"N": "1"}, "product_id": {"N": "10"}}]}}
    meet.on("BatchGetItem", faults.answer("", 200, Responses={table: []}, UnprocessedKeys=held_back))

    assert shop.wiring.inventory.stock.levels(1, [10])[10].quantity == 7


def test_a_database_that_stays_away_is_unavailable(shop: Shop, meet: Faults):
    meet.on("BatchGetItem", *[faults.refused] * 10_000)
    with pytest.raises(Unavailable):
        shop.wiring.inventory.stock.levels(1, [10])


def carried_out_under_another_token(call: faults.Call) -> None:
    """Lose the answer, and let the database not know the token again, as after its ten minutes."""
    body = call.body
    call.carry_out(body | {"ClientRequestToken": f"another-{body['ClientRequestToken'][8:]}"})
    faults.timed_out(call)


def stock_item(shop: Shop, product_id: int):
    return shop.stock_rows.get(1, product_id).serialize()
