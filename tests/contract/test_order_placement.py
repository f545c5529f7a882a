"""Placing orders, on moto and on DynamoDB Local alike."""

from decimal import Decimal

import pytest

from chalicelib.errors import IdempotencyKeyReused, NotFound, UnknownProducts
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.model import Shortage, StoreOrderRequest, StoreOrderStatus
from tests.support.shop import START, Shop

KEY = IdempotencyKey("caller-and-key", "fingerprint")


@pytest.fixture(autouse=True)
def _stocked(shop: Shop) -> None:
    shop.add_store(1)
    shop.add_stock(1, 10, 7, "iPhone 15", "1000.00")
    shop.add_stock(1, 11, 3, "Samsung TV", "1500.00")


def test_an_order_that_can_be_filled_is_confirmed_and_takes_its_stock(shop: Shop):
    order = shop.place(1, {10: 3, 11: 2})

    assert order.status is StoreOrderStatus.CONFIRMED
    assert order.amount == Decimal("6000.00")
    assert [line.product_title for line in order.lines] == ["iPhone 15", "Samsung TV"]
    assert (shop.quantity(1, 10), shop.quantity(1, 11)) == (4, 1)
    assert shop.wiring.orders.repository.get(order.id) == order
    assert shop.announcements.order_ids == [order.id]


def test_an_order_with_one_short_line_is_rejected_whole(shop: Shop):
    order = shop.place(1, {10: 3, 11: 4})

    assert order.status is StoreOrderStatus.REJECTED
    assert order.shortages == (Shortage(11, 4, 3),)
    assert (shop.quantity(1, 10), shop.quantity(1, 11)) == (7, 3)
    assert shop.wiring.orders.repository.get(order.id) == order
    assert shop.announcements.order_ids == []


def test_all_short_lines_are_named_at_once_in_the_order_of_the_request(shop: Shop):
    shop.add_stock(1, 12, 0)
    order = shop.place(1, {12: 1, 11: 9, 10: 1})

    assert order.shortages == (Shortage(12, 1, 0), Shortage(11, 9, 3))


def test_the_last_unit_can_be_ordered_and_no_more(shop: Shop):
    assert shop.place(1, {11: 3}).status is StoreOrderStatus.CONFIRMED
    assert shop.place(1, {11: 1}).shortages == (Shortage(11, 1, 0),)
    assert shop.quantity(1, 11) == 0


def test_a_product_that_the_store_does_not_carry_is_a_shortage_of_zero(shop: Shop):
    shop.add_product(20, "Kettle", "25.00")
    order = shop.place(1, {10: 8, 20: 1})

    assert order.shortages == (Shortage(10, 8, 7), Shortage(20, 1, 0))
    assert [line.product_title for line in order.lines] == ["iPhone 15", "Kettle"]


def test_a_product_in_no_catalogue_is_refused_and_nothing_is_stored(shop: Shop):
    with pytest.raises(UnknownProducts) as refused:
        shop.place(1, {10: 1, 404: 1})

    assert refused.value.product_ids == {404}
    assert shop.all_orders() == []
    assert shop.quantity(1, 10) == 7


def test_a_retired_product_that_is_not_carried_is_unknown(shop: Shop):
    shop.add_product(20, deleted_at=START)
    with pytest.raises(UnknownProducts):
        shop.place(1, {20: 1})


def test_an_unknown_store_is_not_found(shop: Shop):
    with pytest.raises(NotFound):
        shop.place(99, {10: 1})


def test_a_price_changed_since_it_was_cached_is_never_charged(shop: Shop):
    shop.place(1, {10: 1})
    shop.add_stock(1, 10, 6, "iPhone 15", "900.00")

    order = shop.place(1, {10: 1})

    assert order.status is StoreOrderStatus.CONFIRMED
    assert order.lines[0].price == Decimal("900.00")
    assert shop.quantity(1, 10) == 5


def test_a_rejection_shows_the_present_price_too(shop: Shop):
    shop.place(1, {10: 1})
    shop.add_stock(1, 10, 2, "iPhone 15 (2026)", "900.00")

    order = shop.place(1, {10: 5})

    assert order.shortages == (Shortage(10, 5, 2),)
    assert order.lines[0].product_title == "iPhone 15 (2026)"


def test_a_product_no_longer_carried_since_it_was_cached_is_a_shortage(shop: Shop):
    shop.place(1, {10: 1})
    shop.stock_rows(1, 10).delete()

    assert shop.place(1, {10: 1}).shortages == (Shortage(10, 1, 0),)


def test_a_repeated_request_gets_the_first_order(shop: Shop):
    first = shop.wiring.orders.placement.place_store_order(_request({10: 1}), KEY)
    again = shop.wiring.orders.placement.place_store_order(_request({10: 1}), KEY)

    assert (first.replayed, again.replayed) == (False, True)
    assert again.order == first.order
    assert shop.quantity(1, 10) == 6
    assert shop.announcements.order_ids == [first.order.id]


def test_a_repeated_request_gets_the_first_rejection_even_when_stock_came_in(shop: Shop):
    first = shop.wiring.orders.placement.place_store_order(_request({11: 5}), KEY)
    shop.add_stock(1, 11, 100, "Samsung TV", "1500.00")
    again = shop.wiring.orders.placement.place_store_order(_request({11: 5}), KEY)

    assert again.replayed
    assert again.order == first.order
    assert shop.quantity(1, 11) == 100


def test_a_key_used_for_another_request_is_refused(shop: Shop):
    shop.wiring.orders.placement.place_store_order(_request({10: 1}), KEY)
    with pytest.raises(IdempotencyKeyReused):
        shop.wiring.orders.placement.place_store_order(_request({10: 2}), IdempotencyKey(KEY.key, "another"))
    assert shop.quantity(1, 10) == 6


def test_a_key_is_forgotten_after_a_day(shop: Shop):
    first = shop.wiring.orders.placement.place_store_order(_request({10: 1}), KEY)
    shop.clock.advance(24 * 3600)
    again = shop.wiring.orders.placement.place_store_order(_request({10: 1}), KEY)

    assert not again.replayed
    assert again.order.id != first.order.id


def test_a_queue_that_is_down_does_not_fail_the_order_and_leaves_it_due(shop: Shop):
    shop.announcements.down = True
    order = shop.place(1, {10: 1})

    assert order.status is StoreOrderStatus.CONFIRMED
    row = shop.order_rows.get(order.id)
    assert row.due_at == START.timestamp() + 120


def test_fifty_products_fit_into_one_order(shop: Shop):
    for product_id in range(100, 150):
        shop.add_stock(1, product_id, 2)
    order = shop.place(1, dict.fromkeys(range(100, 150), 1), KEY)

    assert order.status is StoreOrderStatus.CONFIRMED
    assert {shop.quantity(1, product_id) for product_id in range(100, 150)} == {1}


def _request(wanted: dict[int, int]):
    return StoreOrderRequest(1, wanted)
