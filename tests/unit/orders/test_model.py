from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.orders.model import (
    Confirm,
    PersonalOrderRequest,
    PersonalOrderStatus,
    Reject,
    Shortage,
    StoreOrderStatus,
    TryAgain,
    add_up,
    decide,
    find_shortages,
)
from tests.support.orders import confirmed_order
from tests.support.shop import START


def test_lines_of_the_same_product_are_added_together_in_order_of_first_mention():
    assert list(add_up([(2, 1), (1, 4), (2, 3)]).items()) == [(2, 4), (1, 4)]


def test_a_product_with_just_enough_is_no_shortage():
    assert find_shortages({1: 3}, {1: 3}) == ()


def test_every_short_product_is_named_and_one_not_carried_has_none():
    assert find_shortages({1: 3, 2: 1, 3: 5}, {1: 2, 2: 1}) == (Shortage(1, 3, 2), Shortage(3, 5, 0))


def test_the_amount_is_exact():
    order = confirmed_order(lines={1: (3, "0.10"), 2: (1_000_000, "99999999.99")})
    assert order.amount == Decimal("99999999990000.30")


def test_an_order_is_confirmed_as_long_as_nothing_is_known_against_it():
    assert decide({1: 2}, None) == Confirm()


def test_an_order_is_rejected_for_every_line_that_is_short():
    assert decide({1: 2, 2: 3, 3: 1}, {1: 2, 2: 1}) == Reject((Shortage(2, 3, 1), Shortage(3, 1, 0)))


def test_an_order_is_tried_again_when_nothing_is_short_any_more():
    assert decide({1: 2, 2: 3}, {1: 2, 2: 9}) == TryAgain()


@given(
    st.dictionaries(st.integers(1, 9), st.integers(1, 5), min_size=1),
    st.dictionaries(st.integers(1, 9), st.integers(0, 5)),
)
def test_an_order_is_rejected_if_and_only_if_a_line_is_short(
    wanted: dict[int, int], available: dict[int, int]
):
    short = {product for product, units in wanted.items() if available.get(product, 0) < units}
    decision = decide(wanted, available)

    assert isinstance(decision, Reject) == bool(short)
    if isinstance(decision, Reject):
        assert {shortage.product_id for shortage in decision.shortages} == short


@pytest.mark.parametrize(
    ("status", "can_be"), [("CONFIRMED", True), ("REJECTED", False), ("CANCELLED", False)]
)
def test_a_store_order_can_be_cancelled_while_it_is_confirmed(status: str, can_be: bool):
    order = replace(confirmed_order(), status=StoreOrderStatus(status))
    assert order.can_be_cancelled is can_be


@pytest.mark.parametrize("status", PersonalOrderStatus)
def test_a_personal_order_can_be_cancelled_until_somebody_works_on_it(status: PersonalOrderStatus):
    draft = PersonalOrderRequest(7, "Kettle", 1, Decimal(5)).draft(1, START, "token")
    assert replace(draft, status=status).can_be_cancelled is (status is PersonalOrderStatus.PENDING)
