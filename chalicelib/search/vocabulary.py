"""All words of an index, and which of them a word that somebody typed may mean."""

from collections.abc import Iterable, Iterator
from itertools import chain

# Every pair of shorter words is nearly one typo apart.
MIN_CORRECTED_LENGTH = 3


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

    def starting_with(self, part: str) -> list[str]:
        """Return the words that begin with this part of a word."""
        first = self._lines.find(f"\n{part}")
        if first < 0:
            return []
        # The words are sorted, so those with the same beginning are neighbours.
        last = self._lines.rfind(f"\n{part}")
        return self._lines[first + 1 : self._lines.index("\n", last + 1)].split("\n")

    def containing(self, part: str) -> Iterator[str]:
        """Yield the words that have this part of a word anywhere, each once."""
        lines = self._lines
        found = lines.find(part)
        while found >= 0:
            end = lines.index("\n", found)
            yield lines[lines.rindex("\n", 0, found) + 1 : end]
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
