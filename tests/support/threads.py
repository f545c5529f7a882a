"""Many callers at the same moment."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

THREADS = 32

A = TypeVar("A")
T = TypeVar("T")


def all_at_once(function: Callable[[A], T], arguments: Iterable[A], threads: int = THREADS) -> list[T]:
    """Call the function with each argument, up to so many at a time; return the results in order."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, arguments))
