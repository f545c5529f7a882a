"""Many conditional updates in one call, on every database that tests use."""

from collections import Counter

import pytest

from chalicelib.orders.storage.tables import OrderRow
from chalicelib.platform.dynamodb.updates import ConditionFailed, Update, Updated
from tests.support.requests import counted
from tests.support.shop import START, Shop


@pytest.fixture
def requests(shop: Shop) -> Counter[str]:
    return counted(shop.wiring.platform.database)


def update_many(shop: Shop, *updates: Update, returning: bool = False):
    return shop.wiring.platform.database.update_many(updates, retry_seconds=0, returning=returning)


def test_each_update_holds_or_fails_on_its_own(shop: Shop, requests):
    there, other = shop.place_personal(), shop.place_personal()
    requests.clear()
    rows = shop.order_rows
    held, failed, absent = update_many(
        shop,
        Update(rows(there.id), [OrderRow.quantity.set(5)], OrderRow.status == "pending"),
        Update(rows(other.id), [OrderRow.quantity.set(5)], OrderRow.status == "completed"),
        Update(rows(1), [OrderRow.quantity.set(5)], OrderRow.status == "pending"),
    )

    assert isinstance(held, Updated)
    assert held.row is None
    assert isinstance(failed, ConditionFailed)
    assert failed.row.product_name == "Kettle"
    assert isinstance(absent, ConditionFailed)
    assert absent.row is None
    assert [int(rows.get(order.id).quantity) for order in (there, other)] == [5, 1]
    assert requests["BatchExecuteStatement"] == 1


def test_updates_set_remove_and_return_rows_whole(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 10, 5)
    order = shop.place(1, {10: 2}, email="ada@example.com")
    before = shop.order_rows.get(order.id)
    actions = [
        OrderRow.confirmation_sent_at.set(START),
        OrderRow.customer_email.set('O\'Brien "? =" ☃'),
        OrderRow.due_at.remove(),
        OrderRow.due_shard.remove(),
    ]
    (answer,) = update_many(shop, Update(before, actions, OrderRow.due_at.exists()), returning=True)

    assert answer.row.serialize() == shop.order_rows.get(order.id).serialize()
    assert (answer.row.due_at, answer.row.due_shard) == (None, None)
    assert answer.row.customer_email == 'O\'Brien "? =" ☃'
    assert answer.row.confirmation_sent_at == START
    assert [line.product_title for line in answer.row.lines] == ["Product 10"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (OrderRow.quantity == 3, True),
        (OrderRow.quantity != 3, False),
        (OrderRow.quantity < 3, False),
        (OrderRow.quantity <= 3, True),
        (OrderRow.quantity > 2, True),
        (OrderRow.quantity >= 4, False),
        (OrderRow.due_at.exists(), True),
        (OrderRow.store_id.exists(), False),
        (OrderRow.store_id.does_not_exist(), True),
        (OrderRow.due_at.does_not_exist(), False),
        (OrderRow.store_id <= 3, False),
        (OrderRow.status.is_in("pending", "processing"), True),
        (OrderRow.status.is_in("completed"), False),
        ((OrderRow.quantity == 3) & (OrderRow.user_id == 7) & OrderRow.due_at.exists(), True),
        ((OrderRow.quantity == 3) & (OrderRow.user_id == 8) & OrderRow.due_at.exists(), False),
    ],
    ids=repr,
)
def test_conditions_hold_or_fail(shop: Shop, condition, holds: bool):
    order = shop.place_personal(7, quantity=3)
    (answer,) = update_many(shop, Update(shop.order_rows(order.id), [OrderRow.quantity.set(9)], condition))

    assert isinstance(answer, Updated if holds else ConditionFailed)
    assert int(shop.order_rows.get(order.id).quantity) == (9 if holds else 3)


def test_a_row_with_two_keys_is_updated_where_it_is(shop: Shop):
    shop.add_stock(1, 10, 5)
    shop.add_stock(2, 10, 5)
    rows = shop.stock_rows
    held, absent = update_many(
        shop,
        Update(rows(1, 10), [rows.quantity.set(9)], rows.quantity == 5),
        Update(rows(3, 10), [rows.quantity.set(9)], rows.quantity == 5),
    )

    assert isinstance(held, Updated)
    assert isinstance(absent, ConditionFailed)
    assert [shop.quantity(store_id, 10) for store_id in (1, 2)] == [9, 5]


def test_25_updates_are_a_call(shop: Shop, requests):
    orders = [shop.place_personal().id for _ in range(51)]
    requests.clear()
    updates = [
        Update(shop.order_rows(order_id), [OrderRow.quantity.set(9)], OrderRow.quantity == 1)
        for order_id in orders
    ]

    assert all(isinstance(answer, Updated) for answer in update_many(shop, *updates))
    assert requests == {"BatchExecuteStatement": 3}
    assert {int(row.quantity) for row in shop.all_orders()} == {9}


def test_no_updates_are_no_call(shop: Shop, requests):
    assert update_many(shop) == []
    assert not requests
