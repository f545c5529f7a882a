"""What all simulated processes share: their type, and the product's own waits between tries."""

from collections.abc import Generator, Iterator
from itertools import count
from random import Random
from typing import Any, TypeVar

import simpy

from chalicelib.platform.retry import BASE_SECONDS, CAP_SECONDS

T = TypeVar("T")

# A process of SimPy: yields what it waits for, and returns something.
Steps = Generator[simpy.Event, Any, T]


def waits(random: Random) -> Iterator[float]:
    """Yield the wait before each try, as `chalicelib.platform.retry` draws it; there is none before the first."""
    yield 0.0
    for attempt in count(1):
        yield random.uniform(0, min(CAP_SECONDS, BASE_SECONDS * 2 ** min(attempt, 6)))
