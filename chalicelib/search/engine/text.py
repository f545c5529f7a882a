"""Words as the search compares them: without case, accents and punctuation."""

import re
import unicodedata

# A longer word is cut: what differs only after that many characters is the same word.
MAX_WORD_LENGTH = 64

# Letters and digits of any script; an underscore separates.
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return the text without case and accents, its white space as single blanks.

    Folding decomposes (NFKD), so one pass may leave what a second would fold: case is folded between two.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    for _ in range(2):
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()
    return " ".join(text.split())


def words(text: str) -> list[str]:
    """Return the folded text's words, each once, in the order of their first appearance."""
    return list(dict.fromkeys(word[:MAX_WORD_LENGTH] for word in _WORD.findall(fold(text))))
