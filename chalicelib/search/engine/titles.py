"""The distinct titles of an index, in their order."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

from chalicelib.search.engine.text import fold


class Titles:
    """Sorted titles that are not in memory: only where each of them is kept.

    Args:
        places: one number a title, in the titles' order.
        read: returns the title that is kept at a place.
    """

    def __init__(self, places: Sequence[int], read: Callable[[int], str]) -> None:
        self._places = places
        self._read = read

    def beginning_with(self, folded: str) -> Iterator[str]:
        """Yield the titles that, folded, begin with this text."""
        first = bisect_left(self._places, folded, key=lambda place: fold(self._read(place)))
        titles = (self._read(self._places[number]) for number in range(first, len(self._places)))
        return takewhile(lambda title: fold(title).startswith(folded), titles)
