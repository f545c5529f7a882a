"""The messages that orders put on queues: versioned, without personal data, small."""

from typing import Literal, TypeVar

import msgspec

from chalicelib.errors import UnreadableMessage


class OrderConfirmed(msgspec.Struct, frozen=True, kw_only=True):
    """A store order was confirmed and its e-mail is due.

    A reader ignores fields it does not know, so that a new field needs no new version.
    """

    order_id: int
    type: Literal["OrderConfirmed"] = "OrderConfirmed"
    version: Literal[1] = 1


class OrderClaimed(msgspec.Struct, frozen=True, kw_only=True):
    """A personal order was taken into processing; its lease ends at `leased_until` (epoch seconds)."""

    order_id: int
    leased_until: int
    type: Literal["OrderClaimed"] = "OrderClaimed"
    version: Literal[1] = 1


Message = TypeVar("Message", OrderConfirmed, OrderClaimed)


def encode(message: OrderConfirmed | OrderClaimed) -> str:
    """Write a message as the body of a queue message."""
    return msgspec.json.encode(message).decode()


def decode(body: str, kind: type[Message]) -> Message:
    """Read the body of a queue message.

    Raises:
        UnreadableMessage: it is not a message of this kind and a known version.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise UnreadableMessage(f"not a readable message: {error}") from error
