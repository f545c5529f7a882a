from decimal import Decimal

from chalicelib.orders.model import Shortage, add_up, find_shortages
from tests.support.orders import confirmed_order


def test_lines_of_the_same_product_are_added_together_in_order_of_first_mention():
    assert list(add_up([(2, 1), (1, 4), (2, 3)]).items()) == [(2, 4), (1, 4)]


def test_a_product_with_just_enough_is_no_shortage():
    assert find_shortages({1: 3}, {1: 3}) == ()


def test_every_short_product_is_named_and_one_not_carried_has_none():
    assert find_shortages({1: 3, 2: 1, 3: 5}, {1: 2, 2: 1}) == (Shortage(1, 3, 2), Shortage(3, 5, 0))


def test_the_amount_is_exact():
    order = confirmed_order(lines={1: (3, "0.10"), 2: (1_000_000, "99999999.99")})
    assert order.amount == Decimal("99999999990000.30")
