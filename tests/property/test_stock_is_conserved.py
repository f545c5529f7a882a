"""Whatever is ordered: stock is never negative, and what is gone was confirmed."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.orders.model import StoreOrderStatus
from tests.support.shop import Shop

PRODUCTS = (1, 2, 3)
UNCARRIED = 4
quantities = st.dictionaries(st.sampled_from(PRODUCTS), st.integers(0, 30), min_size=1)
orders = st.lists(
    st.dictionaries(st.sampled_from((*PRODUCTS, UNCARRIED)), st.integers(1, 15), min_size=1), max_size=12
)


@pytest.fixture
def shop(dynamodb_shop: Shop) -> Shop:
    dynamodb_shop.add_product(UNCARRIED)
    for product_id in PRODUCTS:
        dynamodb_shop.add_product(product_id)
    return dynamodb_shop


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(initial=quantities, wishes=orders)
def test_initial_stock_is_what_remains_and_what_was_confirmed(shop: Shop, initial, wishes):
    # Each example gets a store of its own, so that the tables need not be emptied.
    store_id = uuid.uuid4().int % 2**40 + 1
    shop.add_store(store_id)
    for product_id, quantity in initial.items():
        shop.add_stock(store_id, product_id, quantity)
    expected = dict(initial)

    for wanted in wishes:
        order = shop.place(store_id, wanted)
        fits = all(expected.get(product_id, 0) >= units for product_id, units in wanted.items())
        assert (order.status is StoreOrderStatus.CONFIRMED) == fits
        if fits:
            for product_id, units in wanted.items():
                expected[product_id] -= units
        else:
            short = {shortage.product_id: shortage.available for shortage in order.shortages}
            assert short == {
                product_id: expected.get(product_id, 0)
                for product_id, units in wanted.items()
                if expected.get(product_id, 0) < units
            }

    assert {product_id: shop.quantity(store_id, product_id) for product_id in initial} == expected
    confirmed = [
        order for order in shop.wiring.orders.repository.store_orders(store_id, None, 100)
        if order.status is StoreOrderStatus.CONFIRMED
    ]  # fmt: skip
    for product_id, quantity in initial.items():
        taken = sum(
            line.quantity_requested
            for order in confirmed
            for line in order.lines
            if line.product_id == product_id
        )
        assert quantity == expected[product_id] + taken
        assert expected[product_id] >= 0
