from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.orders.model import StoreOrder, StoreOrderStatus
from infra.ops.reconcile.ledger import Key, Ledger
from tests.support.orders import confirmed_order
from tests.support.shop import START

ROW: Key = (1, 10)
MARGIN = timedelta(seconds=60)


def order(units: int = 3, seconds: float = 0, status=StoreOrderStatus.CONFIRMED) -> StoreOrder:
    placed = confirmed_order({10: (units, "10.00")})
    return replace(placed, created_at=START + timedelta(seconds=seconds), status=status)


def ledger(quantity: int, *orders: tuple[StoreOrder, float], supplied: int = 10, margin=MARGIN) -> Ledger:
    """Make a ledger of one row, read at the start, and orders with the second each was last changed at."""
    made = Ledger(margin)
    made.open(ROW, supplied, quantity, START)
    for booked, changed in orders:
        made.book(booked, START + timedelta(seconds=changed))
    return made


LONG_AGO, LATER = -1000, 1000


def test_what_was_supplied_and_not_taken_must_be_there():
    assert not ledger(7, (order(3, LONG_AGO), LONG_AGO)).wrong()
    for quantity in (6, 8):
        assert ROW in ledger(quantity, (order(3, LONG_AGO), LONG_AGO)).wrong()


def test_a_rejected_order_has_taken_nothing_and_a_cancelled_one_has_given_back():
    for status in (StoreOrderStatus.REJECTED, StoreOrderStatus.CANCELLED):
        assert not ledger(10, (order(3, LONG_AGO, status), LONG_AGO)).wrong()
        assert ROW in ledger(7, (order(3, LONG_AGO, status), LONG_AGO)).wrong()


def test_an_order_placed_after_the_row_was_read_does_not_count():
    assert not ledger(10, (order(3, LATER), LATER)).wrong()
    assert ROW in ledger(7, (order(3, LATER), LATER)).wrong()


def test_an_order_placed_about_then_may_have_been_before_or_after():
    for quantity, is_wrong in ((10, False), (7, False), (6, True), (11, True)):
        assert (ROW in ledger(quantity, (order(3, 5), 5)).wrong()) == is_wrong


def test_an_order_cancelled_since_may_still_have_held_its_units():
    cancelled = order(3, LONG_AGO, StoreOrderStatus.CANCELLED)
    for quantity, is_wrong in ((10, False), (7, False), (6, True), (11, True)):
        assert (ROW in ledger(quantity, (cancelled, LATER)).wrong()) == is_wrong


def test_without_a_margin_everything_up_to_the_reading_counts():
    assert not ledger(7, (order(3), 0), margin=timedelta(0)).wrong()
    assert ROW in ledger(10, (order(3), 0), margin=timedelta(0)).wrong()


def test_a_negative_quantity_is_wrong_however_it_came_about():
    assert ROW in ledger(-1, (order(11, LONG_AGO), LONG_AGO)).wrong()


def test_orders_of_rows_that_are_not_there_do_not_matter():
    made = Ledger(MARGIN)
    made.book(order(3, LONG_AGO), datetime.max)
    assert not made.wrong()
