"""Workers while DynamoDB throttles or loses its answers: what they have begun is not left lying."""

import itertools
import json

import pytest
from botocore.awsrequest import AWSResponse

from chalicelib.orders.messages import OrderConfirmed
from chalicelib.platform.runtime import Runtime
from tests.simulator import faults
from tests.simulator.faults import Call, Fault, Faults
from tests.support.one_shard import OneShard
from tests.support.shop import Shop

RETRY_SECONDS = 120
TRANSIENT = faults.answer("ThrottlingException")


def throttled_but_first(number: int) -> Fault:
    """Carry out the first statements of a batch and refuse the others."""

    def fault(call: Call) -> AWSResponse:
        body = call.body
        content = json.loads(call.carry_out(body | {"Statements": body["Statements"][:number]}).content)
        refused = {"Error": {"Code": "ThrottlingError", "Message": "Try again."}}
        responses = content["Responses"] + [refused] * (len(body["Statements"]) - number)
        return call.answer({"Responses": responses})

    return fault


def impatient(shop: Shop) -> Runtime:
    """Make a runtime in which every deadline has passed once an attempt is over."""
    ticking = itertools.count(step=100)
    return Runtime(clock=shop.clock, random=OneShard(), monotonic=lambda: float(next(ticking)))


@pytest.fixture
def shop(dynamodb_shop: Shop) -> Shop:
    dynamodb_shop.rewire(runtime=Runtime(clock=dynamodb_shop.clock, random=OneShard()))
    dynamodb_shop.add_store(1)
    dynamodb_shop.add_stock(1, 10, 50)
    return dynamodb_shop


@pytest.fixture
def meet(shop: Shop) -> Faults:
    return Faults(shop.wiring.platform.database)


@pytest.mark.parametrize("fault", [TRANSIENT, faults.timed_out, faults.carried_out_then_timed_out])
def test_a_mail_whose_marking_meets_a_fault_is_sent_once(shop: Shop, meet: Faults, fault):
    order = shop.place(1, {10: 1}, email="ada@example.com")
    # The first batch leases the sending, the next ones mark it as sent.
    meet.on("BatchExecuteStatement", None, fault, fault)
    shop.confirm(OrderConfirmed(order_id=order.id))
    shop.clock.advance(10_000)
    shop.tick()

    assert len(shop.mailbox.mails) == 1
    assert shop.order_rows.get(order.id).confirmation_sent_at is not None


@pytest.mark.parametrize("fault", [TRANSIENT, faults.timed_out, faults.carried_out_then_timed_out])
def test_an_order_whose_completing_meets_a_fault_is_worked_on_once(shop: Shop, meet: Faults, fault):
    order = shop.place_personal()
    shop.tick()
    meet.on("BatchExecuteStatement", fault, fault)
    shop.complete(shop.handovers.messages[0])

    assert shop.status(order.id) == "completed"
    assert shop.fulfilled == [order.id]


@pytest.mark.parametrize("fault", [throttled_but_first(2), faults.timed_out])
def test_orders_claimed_before_a_fault_are_queued_all_the_same(shop: Shop, fault):
    shop.rewire(runtime=impatient(shop))
    meet = Faults(shop.wiring.platform.database)
    orders = [shop.place_personal().id for _ in range(28)]
    meet.on("BatchExecuteStatement", None, fault)
    shop.tick()
    claimed = 25 if fault is faults.timed_out else 27
    assert len(shop.handovers.messages) == claimed

    shop.tick()
    assert sorted(message.order_id for message in shop.handovers.messages) == orders


def test_confirmations_postponed_before_a_fault_are_queued_all_the_same(shop: Shop):
    shop.rewire(runtime=impatient(shop))
    meet = Faults(shop.wiring.platform.database)
    orders = [shop.place(1, {10: 1}).id for _ in range(28)]
    shop.announcements.order_ids.clear()
    shop.clock.advance(RETRY_SECONDS)
    meet.on("BatchExecuteStatement", None, faults.timed_out)
    shop.tick()
    assert len(shop.announcements.order_ids) == 25

    shop.tick()
    assert sorted(shop.announcements.order_ids) == orders


def test_orders_that_are_throttled_among_others_are_claimed_by_another_try(shop: Shop, meet: Faults):
    orders = [shop.place_personal().id for _ in range(5)]
    meet.on("BatchExecuteStatement", throttled_but_first(2), throttled_but_first(1))
    shop.tick()

    assert [len(request["Statements"]) for request in meet.requests] == [5, 3, 2]
    assert sorted(message.order_id for message in shop.handovers.messages) == orders


def test_a_mail_whose_lease_is_throttled_is_sent_by_a_later_delivery(shop: Shop, meet: Faults):
    orders = [shop.place(1, {10: 1}, email="ada@example.com").id for _ in range(3)]
    messages = [OrderConfirmed(order_id=order_id) for order_id in orders]
    meet.on("BatchExecuteStatement", throttled_but_first(2))
    failures = shop.wiring.notifications.confirmations.confirm(messages)
    assert list(failures) == messages[2:]
    assert len(shop.mailbox.mails) == 2

    assert shop.wiring.notifications.confirmations.confirm(messages) == {}
    assert len(shop.mailbox.mails) == 3


def test_orders_whose_claims_are_carried_out_and_not_answered_are_handed_over(shop: Shop, meet: Faults):
    orders = [shop.place_personal().id for _ in range(28)]
    meet.on("BatchExecuteStatement", faults.carried_out_then_timed_out, faults.carried_out_then_timed_out)

    assert shop.tick() == 28
    assert sorted(message.order_id for message in shop.handovers.messages) == orders


def test_confirmations_whose_postponing_is_not_answered_are_queued(shop: Shop, meet: Faults):
    orders = [shop.place(1, {10: 1}).id for _ in range(3)]
    shop.announcements.order_ids.clear()
    shop.clock.advance(RETRY_SECONDS)
    meet.on("BatchExecuteStatement", faults.carried_out_then_timed_out)

    assert shop.tick() == 3
    assert sorted(shop.announcements.order_ids) == orders
