"""Many customers of one product, while DynamoDB cancels transactions that meet: nothing oversold, no wrong answer."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from chalicelib.errors import Contended, NotCancellable, Unavailable
from chalicelib.inventory.storage.tables import shard_key
from chalicelib.orders.model import StoreOrder, StoreOrderStatus
from chalicelib.platform.runtime import Runtime
from tests.simulator import faults
from tests.simulator.conflicts import Conflicts
from tests.simulator.faults import Call, Faults
from tests.simulator.invariants import violations
from tests.support.shop import Shop

USER = 7
CUSTOMERS = 6
UNITS_EACH = 6
STOCK = 40


@pytest.fixture
def shop(dynamodb_shop: Shop) -> Shop:
    shop = Shop(dynamodb_shop.wiring.settings, Runtime())
    shop.add_category(1, "Electronics")
    shop.add_store(1)
    return shop


@pytest.fixture
def patient(shop: Shop) -> Shop:
    """Return the shop with a deadline that no contention outlasts, for tests of what an answer says."""
    shop.rewire(settings={"order_deadline_seconds": 60.0})
    return shop


def place(shop: Shop, units: int) -> StoreOrder | None:
    """Place an order; None for a 503."""
    try:
        return shop.place(1, {10: units}, user_id=USER)
    except Unavailable:
        return None


def while_customers_come_and_go(shop: Shop, do: Callable[[], None], times: int) -> Counter[str]:
    """Let customers order and cancel in turns while something is done, and count the answers to their orders.

    They never have more units than there are, all of them together: no order may be rejected.
    """
    closing = threading.Event()

    def customer(_: int) -> list[str]:
        heard = []
        while not closing.is_set():
            order = shop.place(1, {10: UNITS_EACH}, user_id=USER)
            heard.append(order.status.value)
            if order.status is StoreOrderStatus.CONFIRMED:
                shop.wiring.orders.cancellation.cancel(order.id, USER)
        return heard

    with ThreadPoolExecutor(CUSTOMERS) as pool:
        customers = [pool.submit(customer, number) for number in range(CUSTOMERS)]
        try:
            for _ in range(times):
                do()
        finally:
            closing.set()
        return Counter(answer for done in customers for answer in done.result())


def codes_of_taking(shop: Shop, *product_ids: int) -> list[str | None]:
    """Take a unit of each product in one transaction, and return what each write was cancelled for."""
    transaction = shop.wiring.platform.database.transaction()
    shop.wiring.inventory.allocator.allocate(1, dict.fromkeys(product_ids, 1)).add_to(transaction)
    return [reason.code for reason in transaction.commit()]


def test_what_meets_a_transaction_in_flight_is_cancelled_for_the_row_they_share_as_dynamodb_does(shop: Shop):
    shop.add_stock(1, 10, STOCK)
    shop.add_stock(1, 11, STOCK)
    shop.rewire(settings={"order_deadline_seconds": 0.0})
    shop.wiring.inventory.stock.levels(1, [10, 11])
    conflicts = Conflicts(shop.wiring.platform.database, in_flight_seconds=2.0)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(place, shop, 1)
        while not conflicts.transactions:
            time.sleep(0.01)
        with pytest.raises(Contended):
            shop.place(1, {11: 1, 10: 1})
        assert codes_of_taking(shop, 11, 10) == [None, "TransactionConflict"]
        with pytest.raises(Unavailable):
            shop.stock_rows(1, 10).update([shop.stock_rows.quantity.add(1)])
        shop.stock_rows(1, 11).update([shop.stock_rows.quantity.add(1)])
        assert not first.done()

    assert (shop.quantity(1, 10), shop.quantity(1, 11)) == (STOCK - 1, STOCK + 1)
    assert shop.place(1, {10: 1}).status is StoreOrderStatus.CONFIRMED


@pytest.mark.parametrize("shards", [1, 8])
def test_64_customers_for_40_units_get_40_units_between_them_and_each_a_true_answer(shop: Shop, shards: int):
    shop.add_stock(1, 10, STOCK)
    shop.split_stock(1, 10, shards)
    conflicts = Conflicts(shop.wiring.platform.database)
    with ThreadPoolExecutor(64) as pool:
        orders = list(pool.map(lambda _: place(shop, 1), range(128)))

    answers = Counter(order.status.value if order else "503" for order in orders)
    left = shop.available(1, 10)
    assert conflicts.count > 100
    assert answers.total() == 128
    assert answers["CONFIRMED"] == STOCK - left
    # Nothing was given back, so after a rejection nothing may be left.
    assert not answers["REJECTED"] or left == 0
    stored = Counter(row.status for row in shop.all_orders())
    assert stored == {status: count for status, count in answers.items() if status != "503"}
    assert violations(shop) == []


@pytest.mark.parametrize("shards", [1, 8])
def test_no_order_is_rejected_and_no_listing_too_low_while_there_is_enough_at_every_moment(
    patient: Shop, shards: int
):
    shop = patient
    shop.add_stock(1, 10, STOCK)
    shop.split_stock(1, 10, shards)
    Conflicts(shop.wiring.platform.database)
    listed = []

    def look() -> None:
        listed.append(shop.wiring.inventory.stock.listing(1, None, 10)[0][1].quantity)

    assert while_customers_come_and_go(shop, look, times=60).keys() == {"CONFIRMED"}
    assert min(listed) >= STOCK - CUSTOMERS * UNITS_EACH
    assert shop.available(1, 10) == STOCK
    assert violations(shop) == []


def test_stock_is_split_and_joined_while_orders_run_and_nobody_notices(patient: Shop):
    shop = patient
    shop.add_stock(1, 10, STOCK)
    operator = Shop(shop.wiring.settings, Runtime())
    Conflicts(shop.wiring.platform.database, operator.wiring.platform.database)
    numbers = iter([8, 3, 1])
    divided = while_customers_come_and_go(shop, lambda: operator.split_stock(1, 10, next(numbers)), times=3)
    assert divided.keys() == {"CONFIRMED"}
    assert (operator.split_stock(1, 10, 1).quantity, shop.quantity(1, 10)) == (STOCK, STOCK)
    assert len(list(shop.stock_rows.scan())) == 1
    assert violations(shop) == []


def test_edits_reach_all_parts_while_orders_run_and_none_mixes_two_of_them(patient: Shop):
    shop = patient
    shop.add_stock(1, 10, 400, "Edition 1", "1.00")
    shop.split_stock(1, 10, 8)
    Conflicts(shop.wiring.platform.database)
    closing = threading.Event()

    def customer(_: int) -> list[StoreOrder]:
        orders = []
        while not closing.is_set():
            orders.append(shop.place(1, {10: 1}))
        return orders

    with ThreadPoolExecutor(CUSTOMERS) as pool:
        customers = [pool.submit(customer, number) for number in range(CUSTOMERS)]
        try:
            for edition in range(2, 6):
                shop.wiring.catalog.editor.update_product(
                    10, title=f"Edition {edition}", price=Decimal(edition)
                )
                message = shop.changes.messages[-1]
                while True:
                    try:
                        shop.wiring.catalog.copy_propagation.follow(message, lambda: 60.0)
                        break
                    except Unavailable:
                        continue
        finally:
            closing.set()
        orders = [order for done in customers for order in done.result()]

    assert orders
    assert all(order.lines[0].product_title == f"Edition {int(order.lines[0].price)}" for order in orders)
    assert {row.title for row in shop.stock_rows.scan()} == {"Edition 5"}
    assert shop.place(1, {10: 1}).lines[0].price == 5
    assert violations(shop) == []


def test_units_that_are_given_back_by_many_at_once_are_all_there(patient: Shop):
    shop = patient
    shop.add_stock(1, 10, STOCK)
    shop.split_stock(1, 10, 8)
    orders = [shop.place(1, {10: 1}, user_id=USER) for _ in range(STOCK)]
    Conflicts(shop.wiring.platform.database)

    def cancel(order: StoreOrder) -> bool:
        try:
            shop.wiring.orders.cancellation.cancel(order.id, USER)
        except NotCancellable:
            return False
        return True

    with ThreadPoolExecutor(32) as pool:
        cancelled = list(pool.map(cancel, orders * 2))

    assert sum(cancelled) == STOCK
    assert shop.available(1, 10) == STOCK
    assert violations(shop) == []


@pytest.mark.parametrize("calls_before", [1, 2])
def test_units_that_are_given_back_and_ordered_between_two_reads_are_not_missed(
    shop: Shop, calls_before: int
):
    shop.add_stock(1, 10, 10)
    shop.split_stock(1, 10, 2)
    rows = shop.stock_rows
    first, second = shard_key(1, 10, 0), shard_key(1, 10, 1)
    rows(*first).update([rows.quantity.set(0)])

    def trade(_: Call) -> None:
        """Let a cancelled order give five units back, and another one take five: five are left at any moment."""
        rows(*first).update([rows.quantity.set(5)])
        rows(*second).update([rows.quantity.set(0)])

    Faults(shop.wiring.platform.database).on("BatchGetItem", *[None] * calls_before, trade)
    assert shop.wiring.inventory.stock.levels(1, [10])[10].quantity >= 5


@pytest.mark.parametrize("calls_before", [1, 2])
@pytest.mark.parametrize("shards", [1, 2, 4])
def test_units_that_are_spread_anew_between_two_reads_are_counted_once(
    shop: Shop, shards: int, calls_before: int
):
    shop.add_stock(1, 10, 10)
    shop.split_stock(1, 10, 2)
    rows = shop.stock_rows
    rows(*shard_key(1, 10, 0)).update([rows.quantity.set(10)])
    rows(*shard_key(1, 10, 1)).update([rows.quantity.set(0)])
    other = Shop(shop.wiring.settings, Runtime())

    def spread(_: Call) -> None:
        other.split_stock(1, 10, shards)

    Faults(shop.wiring.platform.database).on("BatchGetItem", *[None] * calls_before, spread)
    assert shop.wiring.inventory.stock.levels(1, [10])[10].quantity == 10


def test_stock_that_somebody_else_splits_at_the_same_moment_is_split_once(shop: Shop):
    shop.add_stock(1, 10, STOCK)
    other = Shop(shop.wiring.settings, Runtime())
    Faults(shop.wiring.platform.database).on(
        "TransactWriteItems", lambda _: other.split_stock(1, 10, 4) and None
    )
    stock = shop.split_stock(1, 10, 8)

    assert (stock.quantity, len(stock.shards)) == (STOCK, 4)
    assert len(list(shop.stock_rows.scan())) == 4


def test_stock_that_is_split_while_its_product_is_edited_gets_the_new_copies(shop: Shop):
    shop.add_stock(1, 10, STOCK, price="1000.00")
    other = Shop(shop.wiring.settings, Runtime())

    def edit(_: Call) -> None:
        other.wiring.catalog.editor.update_product(10, price=Decimal("900.00"))
        other.wiring.catalog.copy_propagation.follow(other.changes.messages[-1], lambda: 60.0)

    Faults(shop.wiring.platform.database).on("TransactWriteItems", edit)
    shop.split_stock(1, 10, 4)

    assert {row.price for row in shop.stock_rows.scan()} == {Decimal("900.00")}


@pytest.mark.parametrize("shards", [1, 3, 8])
def test_a_splitting_that_meets_orders_and_whose_answers_get_lost_loses_no_unit(shop: Shop, shards: int):
    shop.add_stock(1, 10, STOCK)
    shop.split_stock(1, 10, 4)
    met = faults.cancelled("TransactionConflict", "None")
    faulty = [met, faults.carried_out_then_timed_out, None, faults.timed_out] * 4
    Faults(shop.wiring.platform.database).on("TransactWriteItems", *faulty)
    stock = shop.split_stock(1, 10, shards)

    assert (stock.quantity, max(len(stock.shards), 1)) == (STOCK, shards)
    assert len(list(shop.stock_rows.scan())) == shards
    assert violations(shop) == []


def test_units_whose_moving_together_got_lost_are_moved_once(shop: Shop):
    shop.add_stock(1, 10, STOCK)
    shop.split_stock(1, 10, 8)
    Faults(shop.wiring.platform.database).on("TransactWriteItems", faults.carried_out_then_timed_out)
    order = shop.place(1, {10: STOCK})

    assert order.status is StoreOrderStatus.CONFIRMED
    assert shop.available(1, 10) == 0
    assert violations(shop) == []
