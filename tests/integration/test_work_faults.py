"""Workers while DynamoDB throttles or loses its answers: what they have begun is not left lying."""

import itertools
import random

import pytest

from chalicelib.orders.messages import OrderConfirmed
from chalicelib.platform.runtime import Runtime
from tests.simulator import faults
from tests.simulator.faults import Faults
from tests.support.shop import Shop

RETRY_SECONDS = 120
TRANSIENT = faults.answer("ThrottlingException")


class OneShard(random.Random):
    """Gives all orders ids of the same shard of the due index, so that one page holds all of them."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(16, 16)

    def getrandbits(self, bits: int) -> int:
        return next(self._numbers) % 2**bits


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
    # The first update leases the sending, the next ones mark it as sent.
    meet.on("UpdateItem", None, fault, fault)
    shop.wiring.notifications.confirmations.confirm(OrderConfirmed(order_id=order.id))
    shop.clock.advance(10_000)
    shop.tick()

    assert len(shop.mailbox.mails) == 1
    assert shop.order_rows.get(order.id).confirmation_sent_at is not None


@pytest.mark.parametrize("fault", [TRANSIENT, faults.timed_out, faults.carried_out_then_timed_out])
def test_an_order_whose_completing_meets_a_fault_is_worked_on_once(shop: Shop, meet: Faults, fault):
    order = shop.place_personal()
    shop.tick()
    meet.on("UpdateItem", fault, fault)
    shop.wiring.orders.processing.complete(shop.handovers.messages[0])

    assert shop.status(order.id) == "completed"
    assert shop.fulfilled == [order.id]


def test_orders_claimed_before_a_fault_are_queued_all_the_same(shop: Shop, meet: Faults):
    orders = [shop.place_personal().id for _ in range(5)]
    meet.on("UpdateItem", None, None, None, TRANSIENT)
    shop.tick()
    assert len(shop.handovers.messages) == 3

    shop.tick()
    assert sorted(message.order_id for message in shop.handovers.messages) == orders


def test_confirmations_postponed_before_a_fault_are_queued_all_the_same(shop: Shop, meet: Faults):
    orders = [shop.place(1, {10: 1}).id for _ in range(5)]
    shop.announcements.order_ids.clear()
    shop.clock.advance(RETRY_SECONDS)
    meet.on("UpdateItem", None, None, TRANSIENT)
    shop.tick()
    assert len(shop.announcements.order_ids) == 2

    shop.tick()
    assert sorted(shop.announcements.order_ids) == orders
