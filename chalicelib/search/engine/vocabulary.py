"""All words of an index, and which of them a typed word may mean."""

import sys
from collections.abc import Iterable, Iterator
from itertools import chain

# Every pair of shorter words is nearly one typo apart.
MIN_CORRECTED_LENGTH = 3
_LAST = chr(sys.maxunicode)


class Vocabulary:
    """A sorted set of words in one string, which is searched faster than any list of them.

    Args:
        words: each once, in any order, none with a line break.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._lines = "\n".join(["", *sorted(words), ""])

    @classmethod
    def parse(cls, text: str) -> "Vocabulary":
        """Make the vocabulary that `dump` wrote."""
        vocabulary = cls(())
        vocabulary._lines = text
        return vocabulary

    def dump(self) -> str:
        """Return all there is to keep."""
        return self._lines

    def __contains__(self, word: str) -> bool:
        return f"\n{word}\n" in self._lines

    def has_part(self, part: str) -> bool:
        """Return whether any word has this part of a word."""
        return part in self._lines

    def starting_with(self, part: str) -> list[str]:
        """Return the words that begin with this part of a word."""
        first = self._before(part)
        # No word has the last of all characters, so every word with this beginning is less than that.
        last = self._before(part + _LAST)
        return self._lines[first + 1 : last].split("\n") if first < last else []

    def with_inside(self, part: str) -> Iterator[str]:
        """Yield the words that do not begin with this part of a word but have it further inside."""
        lines = self._lines
        found = lines.find(part)
        while found >= 0:
            start = lines.rindex("\n", 0, found) + 1
            end = lines.index("\n", found)
            if start != found:
                yield lines[start:end]
            found = lines.find(part, end)

    def one_typo_from(self, word: str) -> list[str]:
        """Return the words one typo away: a letter missing, added or replaced, or two neighbours swapped."""
        if len(word) < MIN_CORRECTED_LENGTH:
            return []
        # A typo leaves one half of the word as it is, unless it swaps the two letters in the middle.
        half = len(word) // 2
        swapped = word[: half - 1] + word[half] + word[half - 1] + word[half + 1 :]
        candidates = chain(
            self.starting_with(word[:half]),
            self._ending_with(word[half:]),
            [swapped] if swapped in self else [],
        )
        return [candidate for candidate in set(candidates) if _is_one_typo(word, candidate)]

    def _before(self, word: str) -> int:
        """Return the place of the line break before the first word that is not less than this one."""
        lines = self._lines
        low, high = 0, len(lines) - 1
        while low < high:
            start = lines.rindex("\n", 0, (low + high) // 2 + 1)
            end = lines.index("\n", start + 1)
            if lines[start + 1 : end] < word:
                low = end
            else:
                high = start
        return low

    def _ending_with(self, part: str) -> Iterator[str]:
        lines = self._lines
        found = lines.find(f"{part}\n")
        while found >= 0:
            yield lines[lines.rindex("\n", 0, found) + 1 : found + len(part)]
            found = lines.find(f"{part}\n", found + 1)


def _is_one_typo(word: str, other: str) -> bool:
    if abs(len(word) - len(other)) > 1 or word == other:
        return False
    same = 0
    while same < min(len(word), len(other)) and word[same] == other[same]:
        same += 1
    left, right = word[same:], other[same:]
    if len(left) != len(right):
        return left[1:] == right or left == right[1:]
    return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
