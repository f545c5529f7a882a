"""Orders for what has just been short read before they write; on each of the databases."""

from chalicelib.orders.model import Shortage, StoreOrderStatus
from tests.support.shop import Shop
from tests.support.takings import Takings

CONFIRMED, REJECTED = StoreOrderStatus.CONFIRMED, StoreOrderStatus.REJECTED
SHARDS = 4


def test_a_sold_out_product_costs_one_failed_transaction(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 10, 1)
    assert shop.place(1, {10: 1}).status is CONFIRMED
    takings = Takings(shop)

    orders = [shop.place(1, {10: 1}) for _ in range(5)]

    assert [order.shortages for order in orders] == [(Shortage(10, 1, 0),)] * 5
    assert takings.count == 1


def test_split_stock_that_ran_dry_costs_one_failed_transaction(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 10, 4)
    shop.split_stock(1, 10, SHARDS)
    assert shop.place(1, {10: 4}).status is CONFIRMED
    shop.place(1, {10: 1})
    takings = Takings(shop)

    orders = [shop.place(1, {10: 1}) for _ in range(5)]

    assert [order.shortages for order in orders] == [(Shortage(10, 1, 0),)] * 5
    assert takings.count == 0


def test_units_that_are_given_back_can_be_ordered_at_once(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 10, 1)
    order = shop.place(1, {10: 1}, user_id=7)
    assert shop.place(1, {10: 1}).status is REJECTED
    shop.wiring.orders.cancellation.cancel(order.id, 7)

    assert shop.place(1, {10: 1}).status is CONFIRMED
    assert shop.quantity(1, 10) == 0


def test_every_short_line_is_named_with_what_a_read_has_seen(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 10, 1)
    shop.add_stock(1, 11, 2)
    shop.place(1, {10: 2})

    assert shop.place(1, {10: 2, 11: 3}).shortages == (Shortage(10, 2, 1), Shortage(11, 3, 2))
