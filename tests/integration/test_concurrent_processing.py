"""Ticks, deliveries and cancellations at once, on Amazon's own DynamoDB Local."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.errors import NotCancellable
from tests.support.shop import Shop

USER = 7


@pytest.fixture
def shop(dynamodb_shop: Shop) -> Shop:
    return dynamodb_shop


def test_two_runs_at_once_complete_each_of_1000_orders_once(shop: Shop):
    with ThreadPoolExecutor(16) as pool:
        orders = {order.id for order in pool.map(lambda _: shop.place_personal(USER), range(1000))}
        taken = sum(pool.map(lambda _: shop.tick(), range(2)))
        messages = [*shop.handovers.messages, *shop.handovers.messages[::3]]
        random.shuffle(messages)
        list(pool.map(shop.complete, messages))

    assert taken == 1000
    assert sorted(message.order_id for message in shop.handovers.messages) == sorted(orders)
    assert Counter(row.status for row in shop.all_orders()) == {"completed": 1000}
    assert set(shop.fulfilled) == orders


def test_a_store_order_cancelled_32_times_at_once_gives_its_stock_back_once(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 10, 7)
    shop.add_stock(1, 11, 3)
    order = shop.place(1, {10: 3, 11: 2}, user_id=USER)

    def cancel(_) -> bool:
        try:
            shop.wiring.orders.cancellation.cancel(order.id, USER)
        except NotCancellable:
            return False
        return True

    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(cancel, range(32))) == 1
    assert (shop.quantity(1, 10), shop.quantity(1, 11)) == (7, 3)


def test_orders_cancelled_while_a_run_claims_them_are_either_cancelled_or_processed(shop: Shop):
    orders = [shop.place_personal(USER).id for _ in range(100)]

    def cancel(order_id: int) -> bool:
        try:
            shop.wiring.orders.cancellation.cancel(order_id, USER)
        except NotCancellable:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        run = pool.submit(shop.tick)
        cancelled = list(pool.map(cancel, reversed(orders)))
    claimed = {message.order_id for message in shop.handovers.messages}

    assert run.result() == len(claimed)
    assert len(claimed) + sum(cancelled) == 100
    for order_id, was_cancelled in zip(reversed(orders), cancelled, strict=True):
        assert shop.status(order_id) == ("cancelled" if was_cancelled else "processing")
        assert (order_id in claimed) != was_cancelled
