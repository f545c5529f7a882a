"""The outbox: what is due is queued again until it is sent, and only then."""

import pytest

from chalicelib.orders.messages import OrderConfirmed
from chalicelib.orders.storage.work import DueOrder
from tests.support.shop import Shop

RETRY_SECONDS = 120


@pytest.fixture(autouse=True)
def _stocked(shop: Shop) -> None:
    shop.add_store(1)
    shop.add_stock(1, 10, 500)


def test_an_order_whose_message_was_never_queued_is_queued_later(shop: Shop):
    shop.announcements.down = True
    order = shop.place(1, {10: 1})
    shop.announcements.down = False

    assert shop.tick() == 0
    shop.clock.advance(RETRY_SECONDS)
    assert shop.tick() == 1
    assert shop.announcements.order_ids == [order.id]


def test_an_order_is_queued_again_and_again_until_its_mail_is_sent(shop: Shop):
    order = shop.place(1, {10: 1})
    for _ in range(3):
        shop.clock.advance(RETRY_SECONDS)
        assert shop.tick() == 1
        assert shop.tick() == 0
    shop.confirm(OrderConfirmed(order_id=order.id))
    shop.clock.advance(RETRY_SECONDS)

    assert shop.tick() == 0


def test_a_rejected_order_is_never_due(shop: Shop):
    shop.place(1, {10: 501})
    shop.clock.advance(RETRY_SECONDS)
    assert shop.tick() == 0


def test_a_backlog_of_several_pages_is_worked_off_in_one_run(shop: Shop):
    shop.rewire(page_size=2)
    orders = {shop.place(1, {10: 1}).id for _ in range(60)}
    shop.announcements.order_ids.clear()
    shop.clock.advance(RETRY_SECONDS)

    assert shop.tick() == 60
    assert sorted(shop.announcements.order_ids) == sorted(orders)


def test_a_run_without_time_left_stops_and_the_next_goes_on(shop: Shop):
    shop.place(1, {10: 1})
    shop.clock.advance(RETRY_SECONDS)

    assert shop.wiring.orders.sweeper.run(lambda: 0.0) == 0
    assert shop.tick() == 1


def test_a_queue_that_is_still_down_is_tried_again_by_a_later_run(shop: Shop):
    shop.announcements.down = True
    shop.place(1, {10: 1})
    shop.clock.advance(RETRY_SECONDS)
    assert shop.tick() == 0
    shop.announcements.down = False
    shop.clock.advance(RETRY_SECONDS)

    assert shop.tick() == 1


def test_an_order_that_another_run_took_is_not_taken_again(shop: Shop):
    order = shop.place(1, {10: 1})
    due_at = int(shop.order_rows.get(order.id).due_at)
    due = DueOrder(order.id, is_personal=False, due_at=due_at)

    assert shop.wiring.orders.work.postpone([due], due_at + 5) == ([due], None)
    assert shop.wiring.orders.work.postpone([due], due_at + 5) == ([], None)
