"""Many customers at once, on Amazon's own DynamoDB Local."""

from collections import Counter
from decimal import Decimal

import pytest

from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.orders.model import StoreOrderRequest, StoreOrderStatus
from tests.support.shop import Shop
from tests.support.threads import all_at_once


@pytest.fixture
def shop(dynamodb_shop: Shop) -> Shop:
    dynamodb_shop.add_store(1)
    return dynamodb_shop


def test_200_customers_for_60_units_get_60_orders_and_the_stock_ends_at_zero(shop: Shop):
    shop.add_stock(1, 10, 60)
    orders = all_at_once(lambda _: shop.place(1, {10: 1}), range(200))

    assert Counter(order.status for order in orders) == {
        StoreOrderStatus.CONFIRMED: 60,
        StoreOrderStatus.REJECTED: 140,
    }
    assert shop.quantity(1, 10) == 0
    assert len({order.id for order in orders}) == len(shop.all_orders()) == 200
    assert len(shop.announcements.order_ids) == 60


def test_orders_over_the_same_products_in_either_direction_neither_fail_nor_lose_stock(shop: Shop):
    shop.add_stock(1, 10, 150)
    shop.add_stock(1, 11, 120)
    directions = [{10: 1, 11: 1}, {11: 1, 10: 1}] * 100
    orders = all_at_once(lambda wanted: shop.place(1, wanted), directions)

    confirmed = sum(order.status is StoreOrderStatus.CONFIRMED for order in orders)
    assert confirmed == 120
    assert (shop.quantity(1, 10), shop.quantity(1, 11)) == (30, 0)


def test_one_request_sent_50_times_at_once_is_one_order(shop: Shop):
    shop.add_stock(1, 10, 60)
    key = IdempotencyKey("key", "fingerprint")
    request = StoreOrderRequest(1, {10: 2})
    placements = all_at_once(
        lambda _: shop.wiring.orders.placement.place_store_order(request, key), range(50)
    )

    assert len({placement.order.id for placement in placements}) == 1
    assert [placement.replayed for placement in placements].count(False) == 1
    assert shop.quantity(1, 10) == 58
    assert len(shop.all_orders()) == 1
    assert len(shop.announcements.order_ids) == 1


def test_an_order_never_mixes_the_titles_and_prices_of_two_moments(shop: Shop):
    shop.add_stock(1, 10, 100, "Edition 1", "1.00")

    def republish(edition: int) -> None:
        shop.stock_rows(1, 10).update(
            [shop.stock_rows.title.set(f"Edition {edition}"), shop.stock_rows.price.set(Decimal(edition))]
        )

    # Each change of the product stands among six orders for it.
    steps = [edition if turn == 0 else None for edition in range(2, 12) for turn in range(7)]
    results = all_at_once(lambda edition: republish(edition) if edition else shop.place(1, {10: 1}), steps)

    orders = [result for result in results if result]
    assert len(orders) == 60
    assert all(order.status is StoreOrderStatus.CONFIRMED for order in orders)
    assert all(order.lines[0].product_title == f"Edition {int(order.lines[0].price)}" for order in orders)
    assert shop.quantity(1, 10) == 40


def test_one_message_handled_by_many_workers_sends_one_mail(shop: Shop):
    shop.add_stock(1, 10, 1)
    order = shop.place(1, {10: 1}, email="ada@example.com")
    all_at_once(
        lambda _: shop.confirm(OrderConfirmed(order_id=order.id)),
        range(64),
    )

    assert len(shop.mailbox.mails) == 1
