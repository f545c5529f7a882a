import json

import pytest

from chalicelib.errors import UnreadableMessage
from chalicelib.orders.messages import OrderClaimed, OrderConfirmed
from chalicelib.platform.queues.messages import decode, encode


@pytest.mark.parametrize("message", [OrderConfirmed(order_id=7), OrderClaimed(order_id=7, leased_until=9)])
def test_a_message_is_read_as_it_was_written(message):
    assert decode(encode(message), type(message)) == message


def test_a_message_says_what_it_is_and_in_which_version():
    message = OrderConfirmed(order_id=7)
    assert json.loads(encode(message)) == {"order_id": 7, "type": "OrderConfirmed", "version": 1}


def test_fields_of_later_versions_are_ignored():
    assert decode('{"type":"OrderConfirmed","version":1,"order_id":7,"more":1}', OrderConfirmed).order_id == 7


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"order_id":"7"}',
        '{"order_id":7,"version":2}',
        '{"order_id":7,"type":"Other"}',
    ],
)
def test_what_is_no_such_message_is_refused(body: str):
    with pytest.raises(UnreadableMessage):
        decode(body, OrderConfirmed)
