"""The scheduled function of orders."""

from typing import Any

from chalice import Blueprint, Rate

from chalicelib.wiring import wired

# What a run keeps back of its time, to finish the order it has in hand.
RESERVE_SECONDS = 5.0

order_workers = Blueprint(__name__)


@order_workers.schedule(Rate(2, unit=Rate.MINUTES))
def process_pending_orders(event: Any) -> dict[str, int]:
    """Look after every order that has work left and nobody at it."""

    def seconds_left() -> float:
        return event.context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS

    return {"confirmations_queued": wired().confirmation_upkeep.run(seconds_left)}
