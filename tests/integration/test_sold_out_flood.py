"""Everybody wants what is sold out: DynamoDB is paid for reads, not for transactions that fail."""

import time
from collections import Counter
from itertools import product

import pytest

from chalicelib.orders.model import Shortage, StoreOrderStatus
from chalicelib.platform.runtime import Runtime
from tests.simulator.faults import Faults
from tests.simulator.invariants import violations
from tests.support.shop import Shop
from tests.support.takings import Takings
from tests.support.threads import all_at_once

ORDERS = 200
USER = 7


@pytest.fixture
def shop(dynamodb_shop: Shop) -> Shop:
    # A slow clock, so that no pause of a busy machine is taken for a second without orders.
    shop = Shop(dynamodb_shop.wiring.settings, Runtime(monotonic=lambda: time.monotonic() / 100))
    shop.add_store(1)
    return shop


@pytest.mark.parametrize("shards", [1, 4])
def test_after_the_first_rejection_no_transaction_fails(shop: Shop, shards: int):
    shop.add_stock(1, 10, shards)
    shop.add_stock(1, 11, 1_000)
    if shards > 1:
        shop.split_stock(1, 10, shards)
    assert shop.place(1, {10: shards}).status is StoreOrderStatus.CONFIRMED
    assert shop.place(1, {10: 1}).status is StoreOrderStatus.REJECTED
    takings = Takings(shop)

    orders = all_at_once(lambda _: shop.place(1, {10: 1, 11: 1}), range(ORDERS))

    assert Counter(order.shortages for order in orders) == {(Shortage(10, 1, 0),): ORDERS}
    assert takings.count == 0
    assert shop.quantity(1, 11) == 1_000


def test_what_is_given_back_in_the_midst_of_a_flood_is_sold(shop: Shop):
    shop.add_category(1, "Electronics")
    shop.add_stock(1, 10, 20)
    held = [shop.place(1, {10: 1}, user_id=USER) for _ in range(20)]
    assert shop.place(1, {10: 1}).status is StoreOrderStatus.REJECTED

    def order_or_give_back(turn: tuple[int, str]) -> StoreOrderStatus | None:
        number, kind = turn
        if kind == "order":
            return shop.place(1, {10: 1}).status
        shop.wiring.orders.cancellation.cancel(held[number].id, USER)
        return None

    answers = Counter(all_at_once(order_or_give_back, product(range(20), ["give back", *["order"] * 4])))

    sold = answers[StoreOrderStatus.CONFIRMED]
    assert sold + shop.quantity(1, 10) == 20
    assert [shop.place(1, {10: 1}).status for _ in range(20 - sold)] == [StoreOrderStatus.CONFIRMED] * (
        20 - sold
    )
    assert shop.place(1, {10: 1}).shortages == (Shortage(10, 1, 0),)
    assert violations(shop) == []


def test_the_read_that_decides_is_consistent(shop: Shop):
    shop.add_stock(1, 10, 1)
    shop.place(1, {10: 2})
    faults = Faults(shop.wiring.platform.database)
    faults.on("BatchGetItem")

    shop.place(1, {10: 2})

    [request] = faults.requests
    assert all(table["ConsistentRead"] for table in request["RequestItems"].values())
