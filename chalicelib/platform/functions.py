"""What Lambda tells a function that a queue or the schedule started."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalice.app import BaseLambdaEvent


def seconds_left(event: "BaseLambdaEvent", reserve_seconds: float) -> Callable[[], float]:
    """Return what tells how long the function may still run.

    Args:
        event: what it was started with.
        reserve_seconds: what it reserves to finish what it has begun.
    """
    # Chalice's annotation has a mapping, and Lambda passes an object
    # (https://docs.aws.amazon.com/lambda/latest/dg/python-context.html).
    context: Any = event.context
    return lambda: float(context.get_remaining_time_in_millis()) / 1000 - reserve_seconds
