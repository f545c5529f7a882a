"""How often the background work on orders asks the database, counted for whole batches."""

import pytest

from chalicelib.orders.messages import OrderConfirmed
from chalicelib.platform.runtime import Runtime
from chalicelib.users.model import User
from tests.support.one_shard import OneShard
from tests.support.requests import counted
from tests.support.shop import START, Shop

USER = 7


@pytest.fixture
def shop(memory_shop: Shop) -> Shop:
    memory_shop.rewire(runtime=Runtime(clock=memory_shop.clock, random=OneShard()))
    memory_shop.add_store(1)
    memory_shop.add_stock(1, 10, 500)
    return memory_shop


def test_a_page_of_100_pending_orders_is_claimed_in_four_calls(shop: Shop):
    for _ in range(100):
        shop.place_personal(USER)
    requests = counted(shop.wiring.platform.database)

    assert shop.tick() == 100
    # Each of the 16 shards is asked once, and the one with a full page once more.
    assert requests == {"Query": 16 + 1, "BatchExecuteStatement": 4}


def test_ten_orders_are_completed_in_two_calls(shop: Shop):
    for _ in range(10):
        shop.place_personal(USER)
    shop.tick()
    requests = counted(shop.wiring.platform.database)
    shop.complete(*shop.handovers.messages)

    assert len(shop.fulfilled) == 10
    assert requests == {"BatchGetItem": 1, "BatchExecuteStatement": 1}


@pytest.mark.parametrize("user_id", [None, USER], ids=["anonymous", "account"])
def test_ten_confirmations_are_sent_in_two_calls_and_one_for_the_addresses(shop: Shop, user_id: int | None):
    assert shop.wiring.users.repository.add(User(USER, "Ada", "ada@example.com", "salted", START))
    orders = [shop.place(1, {10: 1}, email="joan@example.com", user_id=user_id) for _ in range(10)]
    requests = counted(shop.wiring.platform.database)
    shop.confirm(*(OrderConfirmed(order_id=order.id) for order in orders))

    assert {mail[0] for mail in shop.mailbox.mails} == {"ada@example.com" if user_id else "joan@example.com"}
    assert len(shop.mailbox.mails) == 10
    assert requests == {"BatchExecuteStatement": 2} | ({"BatchGetItem": 1} if user_id else {})
