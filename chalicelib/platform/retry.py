"""Retrying under contention: full jitter between tries, and a deadline over all of them."""

import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from chalicelib.errors import Unavailable

BASE_SECONDS = 0.01
CAP_SECONDS = 0.4

T = TypeVar("T")


def tries(deadline_seconds: float) -> Iterator[int]:
    """Yield the number of each try until the deadline has passed, sleeping in between.

    The first try is always made, and with a deadline of 0 it is the only one. The wait before try n is
    random between 0 and min(CAP, BASE * 2^n) seconds, the "full jitter" of
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/; no wait goes past the
    deadline.
    """
    end = time.monotonic() + deadline_seconds
    attempt = 0
    while True:
        yield attempt
        left = end - time.monotonic()
        if left <= 0:
            return
        attempt += 1
        # 2^6 already exceeds the cap, and an exponent without a limit would overflow in a long wait.
        wait = random.uniform(0, min(CAP_SECONDS, BASE_SECONDS * 2 ** min(attempt, 6)))
        time.sleep(min(wait, left))


def persist(call: Callable[[], T], deadline_seconds: float) -> T:
    """Return what `call` returns, trying again while the dependency is unavailable.

    Args:
        call: does no harm when it is carried out twice, for a try whose answer got lost counts as failed.
        deadline_seconds: no try begins later.

    Raises:
        Unavailable: there was no answer until the deadline.
    """
    for _ in tries(deadline_seconds):
        try:
            return call()
        except Unavailable as error:
            unavailable = error
    raise unavailable
