"""Personal orders: placed, processed, completed, cancelled; on moto and on DynamoDB Local alike."""

import logging
from decimal import Decimal

import pytest

from chalicelib.errors import IdempotencyKeyReused, NotCancellable, NotFound
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.messages import OrderClaimed
from chalicelib.orders.model import PersonalOrderStatus
from tests.support.shop import START, Shop

USER, OTHER = 7, 8
PROCESSING_SECONDS, LEASE_SECONDS = 10, 120


def deliver(shop: Shop, *messages: OrderClaimed) -> None:
    for message in messages:
        shop.complete(message)


def test_an_order_is_stored_as_it_was_placed(shop: Shop):
    order = shop.place_personal(USER, quantity=3)

    assert order.status is PersonalOrderStatus.PENDING
    assert (order.product_name, order.quantity, order.amount) == ("Kettle", 3, Decimal("25.00"))
    assert shop.wiring.orders.repository.get_own(order.id, USER) == order


def test_a_pending_order_is_processed_and_then_completed(shop: Shop, caplog):
    caplog.set_level(logging.INFO)
    order = shop.place_personal(USER)

    assert shop.tick() == 1
    assert shop.status(order.id) == "processing"
    assert f"Processing orders #{order.id}" in caplog.messages
    assert shop.fulfilled == []

    shop.clock.advance(PROCESSING_SECONDS)
    deliver(shop, *shop.handovers.messages)
    assert shop.status(order.id) == "completed"
    assert shop.fulfilled == [order.id]
    assert f"Completed order #{order.id}" in caplog.messages


def test_a_completed_order_is_never_looked_at_again(shop: Shop):
    order = shop.place_personal(USER)
    shop.tick()
    deliver(shop, *shop.handovers.messages)
    shop.clock.advance(10_000)

    assert shop.tick() == 0
    row = shop.order_rows.get(order.id)
    assert (row.due_at, row.due_shard) == (None, None)


def test_an_order_in_processing_is_left_alone_until_its_lease_has_run_out(shop: Shop):
    shop.place_personal(USER)
    shop.tick()
    shop.clock.advance(PROCESSING_SECONDS + LEASE_SECONDS - 1)
    assert shop.tick() == 0
    shop.clock.advance(1)
    assert shop.tick() == 1


def test_a_duplicate_message_completes_nothing_twice(shop: Shop):
    shop.place_personal(USER)
    shop.tick()
    deliver(shop, *shop.handovers.messages * 3)

    assert len(shop.fulfilled) == 1


def test_two_deliveries_at_the_same_moment_complete_an_order_once(shop: Shop, caplog):
    caplog.set_level(logging.INFO)

    def meanwhile(order) -> None:
        # The second delivery finds the order still in processing, as the first one did.
        shop.fulfilled.append(order.id)
        if len(shop.fulfilled) == 1:
            deliver(shop, *shop.handovers.messages)

    shop.rewire(fulfil=meanwhile)
    order = shop.place_personal(USER)
    shop.tick()
    deliver(shop, *shop.handovers.messages)

    assert shop.fulfilled == [order.id] * 2
    assert caplog.messages.count(f"Completed order #{order.id}") == 1


def test_work_that_outlasts_its_lease_leaves_the_completing_to_the_later_claim(shop: Shop):
    def slow_at_first(order) -> None:
        shop.fulfilled.append(order.id)
        if len(shop.fulfilled) == 1:
            shop.clock.advance(PROCESSING_SECONDS + LEASE_SECONDS)
            shop.tick()

    shop.rewire(fulfil=slow_at_first)
    order = shop.place_personal(USER)
    shop.tick()
    deliver(shop, shop.handovers.messages[0])

    assert shop.status(order.id) == "processing"
    deliver(shop, shop.handovers.messages[1])
    assert shop.status(order.id) == "completed"


def test_a_message_of_an_earlier_claim_leaves_the_work_to_the_later_one(shop: Shop):
    order = shop.place_personal(USER)
    shop.tick()
    shop.clock.advance(PROCESSING_SECONDS + LEASE_SECONDS)
    shop.tick()
    early, late = shop.handovers.messages

    deliver(shop, early)
    assert (shop.status(order.id), shop.fulfilled) == ("processing", [])
    deliver(shop, late, early)
    assert (shop.status(order.id), shop.fulfilled) == ("completed", [order.id])


def test_a_late_message_still_completes_an_order_that_nobody_claimed_again(shop: Shop):
    order = shop.place_personal(USER)
    shop.tick()
    shop.clock.advance(PROCESSING_SECONDS + LEASE_SECONDS + 1000)
    deliver(shop, *shop.handovers.messages)

    assert shop.status(order.id) == "completed"


def test_work_that_fails_is_done_by_a_later_message(shop: Shop):
    def broken(order) -> None:
        raise OSError("no warehouse")

    fulfil = shop.wiring.orders.fulfil
    shop.rewire(fulfil=broken)
    order = shop.place_personal(USER)
    shop.tick()
    with pytest.raises(OSError, match="no warehouse"):
        deliver(shop, *shop.handovers.messages)
    assert shop.status(order.id) == "processing"

    shop.rewire(fulfil=fulfil)
    deliver(shop, *shop.handovers.messages)
    assert shop.status(order.id) == "completed"


def test_an_order_that_could_not_be_handed_over_is_claimed_again(shop: Shop):
    order = shop.place_personal(USER)
    shop.handovers.down = True
    shop.tick()
    shop.handovers.down = False
    shop.clock.advance(PROCESSING_SECONDS + LEASE_SECONDS)
    shop.tick()
    deliver(shop, *shop.handovers.messages)

    assert shop.status(order.id) == "completed"


def test_a_message_about_no_order_fails(shop: Shop):
    with pytest.raises(NotFound):
        deliver(shop, OrderClaimed(order_id=1, leased_until=1))


def test_a_pending_order_can_be_cancelled_and_is_never_processed(shop: Shop):
    order = shop.place_personal(USER)
    shop.wiring.orders.cancellation.cancel(order.id, USER)

    assert shop.status(order.id) == "cancelled"
    assert shop.tick() == 0


@pytest.mark.parametrize("completed", [False, True], ids=["processing", "completed"])
def test_an_order_that_is_taken_up_cannot_be_cancelled(shop: Shop, completed: bool):
    order = shop.place_personal(USER)
    shop.tick()
    if completed:
        deliver(shop, *shop.handovers.messages)

    with pytest.raises(NotCancellable):
        shop.wiring.orders.cancellation.cancel(order.id, USER)
    assert shop.status(order.id) == ("completed" if completed else "processing")


def test_an_order_is_cancelled_once(shop: Shop):
    order = shop.place_personal(USER)
    shop.wiring.orders.cancellation.cancel(order.id, USER)
    with pytest.raises(NotCancellable):
        shop.wiring.orders.cancellation.cancel(order.id, USER)


def test_nobody_sees_or_cancels_the_order_of_somebody_else(shop: Shop):
    order = shop.place_personal(USER)
    with pytest.raises(NotFound):
        shop.wiring.orders.repository.get_own(order.id, OTHER)
    with pytest.raises(NotFound):
        shop.wiring.orders.cancellation.cancel(order.id, OTHER)
    assert shop.status(order.id) == "pending"


def test_a_repeated_request_gets_the_first_order(shop: Shop):
    key = IdempotencyKey("key", "fingerprint")
    first, again = shop.place_personal(USER, key), shop.place_personal(USER, key)
    assert first == again
    assert len(shop.all_orders()) == 1
    with pytest.raises(IdempotencyKeyReused):
        shop.place_personal(USER, IdempotencyKey("key", "another"))


def test_a_cancelled_store_order_gives_every_lines_stock_back(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 10, 7)
    shop.add_stock(1, 11, 3)
    order = shop.place(1, {10: 3, 11: 2}, user_id=USER)
    shop.wiring.orders.cancellation.cancel(order.id, USER)

    assert shop.status(order.id) == "CANCELLED"
    assert (shop.quantity(1, 10), shop.quantity(1, 11)) == (7, 3)
    shop.clock.advance(1000)
    assert shop.tick() == 0
    with pytest.raises(NotCancellable):
        shop.wiring.orders.cancellation.cancel(order.id, USER)
    assert (shop.quantity(1, 10), shop.quantity(1, 11)) == (7, 3)


def test_a_cancellation_notes_its_moment(shop: Shop):
    order = shop.place_personal(USER)
    shop.clock.advance(60)
    shop.wiring.orders.cancellation.cancel(order.id, USER)

    assert shop.order_rows.get(order.id).updated_at == shop.clock.now


def test_a_rejected_or_anonymous_store_order_cannot_be_cancelled(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 10, 7)
    rejected = shop.place(1, {10: 8}, user_id=USER)
    anonymous = shop.place(1, {10: 1})

    with pytest.raises(NotCancellable):
        shop.wiring.orders.cancellation.cancel(rejected.id, USER)
    with pytest.raises(NotFound):
        shop.wiring.orders.cancellation.cancel(anonymous.id, USER)
    assert shop.quantity(1, 10) == 6


def test_stock_goes_back_only_where_the_store_still_carries_the_product(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 10, 7)
    shop.add_stock(1, 11, 3)
    order = shop.place(1, {10: 3, 11: 2}, user_id=USER)
    shop.stock_rows(1, 11).delete()
    shop.wiring.orders.cancellation.cancel(order.id, USER)

    assert shop.status(order.id) == "CANCELLED"
    assert [(int(row.product_id), int(row.quantity)) for row in shop.stock_rows.query(1)] == [(10, 7)]


def test_a_repeat_after_a_cancellation_still_gets_the_first_answer(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 10, 7)
    key = IdempotencyKey("key", "fingerprint")
    first = shop.place(1, {10: 3}, key, user_id=USER)
    shop.wiring.orders.cancellation.cancel(first.id, USER)

    assert shop.place(1, {10: 3}, key, user_id=USER) == first
    assert shop.quantity(1, 10) == 7


def test_the_confirmation_of_a_cancelled_order_is_not_sent(shop: Shop):
    from chalicelib.orders.messages import OrderConfirmed

    shop.add_store(1)
    shop.add_stock(1, 10, 7)
    order = shop.place(1, {10: 3}, user_id=USER, email="ada@example.com")
    shop.wiring.orders.cancellation.cancel(order.id, USER)
    shop.confirm(OrderConfirmed(order_id=order.id))

    assert shop.mailbox.mails == []


def test_orders_of_both_kinds_are_listed_newest_first_and_only_ones_own(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 10, 70)
    placed = []
    for number in range(6):
        shop.clock.advance(1)
        placed.append(shop.place(1, {10: 1}, user_id=USER) if number % 2 else shop.place_personal(USER))
        shop.place_personal(OTHER)
    ids = [order.id for order in reversed(placed)]

    user_orders = shop.wiring.orders.repository.user_orders
    assert [order.id for order in user_orders(USER, 100)] == ids
    assert [order.id for order in user_orders(USER, 2, before=ids[1])] == ids[2:4]
    assert [order.id for order in user_orders(USER, 2, after=ids[4])] == ids[2:4]


def test_a_backlog_of_several_pages_is_claimed_in_one_run(shop: Shop):
    shop.rewire(page_size=2)
    orders = {shop.place_personal(USER).id for _ in range(60)}

    assert shop.tick() == 60
    assert {message.order_id for message in shop.handovers.messages} == orders
    assert all(message.leased_until == START.timestamp() + 130 for message in shop.handovers.messages)


def test_in_a_batch_work_fails_alone_and_a_duplicate_is_done_once(shop: Shop):
    orders = sorted(shop.place_personal(USER).id for _ in range(3))
    shop.tick()

    def break_one(order) -> None:
        if order.id == orders[1]:
            raise OSError("no warehouse")
        shop.fulfilled.append(order.id)

    shop.rewire(fulfil=break_one)
    messages = [*shop.handovers.messages * 2, OrderClaimed(order_id=1, leased_until=1)]
    failures = shop.wiring.orders.processing.complete(messages)

    assert {message.order_id for message in failures} == {orders[1], 1}
    assert sorted(shop.fulfilled) == [orders[0], orders[2]]
    assert [shop.status(order_id) for order_id in orders] == ["completed", "processing", "completed"]
