"""The keys that sign tokens: read and checked once, never shown."""

import json
import re
from collections.abc import Iterable

# As long as the digest of HS256, which RFC 7518 (3.2) asks of its keys.
MIN_KEY_BYTES = 32

_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
# Visible ASCII but the comma, which separates keys.
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]*")


class SigningKeys:
    """Secret keys by their ids: the first one signs, all of them verify.

    So a key is rotated without logging anybody out: put a new key in front, and drop the old one when
    the last token that it signed has expired. Neither `repr` nor any error shows a key.

    Args:
        by_id: the keys, the one that signs first.
    """

    __slots__ = ("_by_id",)

    def __init__(self, by_id: dict[str, bytes]) -> None:
        self._by_id = by_id

    @classmethod
    def parse(cls, text: str) -> "SigningKeys":
        """Read keys written as `id:key,id:key`.

        Raises:
            ValueError: a key has no id, an id twice, characters it cannot have, or fewer than 32 bytes.
        """
        return cls._checked(entry.strip().partition(":")[::2] for entry in text.split(","))

    @classmethod
    def parse_object(cls, text: str) -> "SigningKeys":
        """Read keys written as a JSON object, `{"id": "key", "id": "key"}`.

        Raises:
            ValueError: it is none, holds no key, or a key that `parse` refuses.
        """
        try:
            pairs = json.loads(text, object_pairs_hook=list)
        except ValueError:
            # The error would quote what could not be read.
            raise ValueError("The keys are not written as a JSON object") from None
        if not isinstance(pairs, list) or not all(
            isinstance(pair, tuple) and isinstance(pair[1], str) for pair in pairs
        ):
            raise ValueError("The keys are not written as a JSON object of strings")
        if not pairs:
            raise ValueError("There is no key")
        return cls._checked(pairs)

    @classmethod
    def _checked(cls, pairs: Iterable[tuple[str, str]]) -> "SigningKeys":
        by_id: dict[str, bytes] = {}
        for number, (key_id, key) in enumerate(pairs, start=1):
            # The id may be a key that was written without one, so nothing is quoted.
            if not _ID.fullmatch(key_id):
                raise ValueError(f"Key {number} has no id")
            if key_id in by_id:
                raise ValueError(f"Key {number} has the id of another key")
            if not _KEY.fullmatch(key):
                raise ValueError(f"Key {number} has characters other than visible ASCII")
            if len(key) < MIN_KEY_BYTES:
                raise ValueError(f"Key {number} has fewer than {MIN_KEY_BYTES} bytes")
            by_id[key_id] = key.encode()
        return cls(by_id)

    @property
    def signing(self) -> tuple[str, bytes]:
        """The id and the key that new tokens are signed with."""
        return next(iter(self._by_id.items()))

    def get(self, key_id: str | None) -> bytes | None:
        """Return the key with this id; None when there is none."""
        return self._by_id.get(key_id) if key_id else None

    def shares_a_key_with(self, other: "SigningKeys") -> bool:
        """Say whether any key, whatever its id, is also one of the other's."""
        return not set(self._by_id.values()).isdisjoint(other._by_id.values())

    def __repr__(self) -> str:
        return f"SigningKeys({', '.join(self._by_id)})"
