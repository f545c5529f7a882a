"""The messages that orders put on queues: versioned, without personal data, small."""

from typing import Literal

import msgspec


class OrderConfirmed(msgspec.Struct, frozen=True, kw_only=True):
    """A store order was confirmed and its e-mail is due."""

    order_id: int
    type: Literal["OrderConfirmed"] = "OrderConfirmed"
    version: Literal[1] = 1


class OrderClaimed(msgspec.Struct, frozen=True, kw_only=True):
    """A personal order was taken into processing; its lease ends at `leased_until` (epoch seconds)."""

    order_id: int
    leased_until: int
    type: Literal["OrderClaimed"] = "OrderClaimed"
    version: Literal[1] = 1
