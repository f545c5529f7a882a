"""Ids of orders and users: time-ordered integers below 2^53, and their 11-character text form
(contract, "Identity of an order").

41 bits of milliseconds since 2025 last until 2094; 12 random bits follow. The text form is Crockford
base32 (https://www.crockford.com/base32.html), which survives being read aloud and typed.
"""

import re
from datetime import UTC, datetime, timedelta
from random import Random

MAX_ID = 2**53 - 1
EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
UID_LENGTH = 11

_RANDOM_BITS = 12
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # pragma: allowlist secret - all digits, in order
# Crockford's rule for reading: case does not matter, and letters that look like digits are those digits.
_READ = {character: value for value, character in enumerate(_ALPHABET)} | {"I": 1, "L": 1, "O": 0}
_NUMBER = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)


def new_id(now: datetime, random: Random) -> int:
    """Make an id for something that begins at `now`; later milliseconds give larger ids."""
    milliseconds = (now - EPOCH) // timedelta(milliseconds=1)
    return milliseconds << _RANDOM_BITS | random.getrandbits(_RANDOM_BITS)


def to_uid(order_id: int) -> str:
    """Write an order id as its 11-character text form."""
    digits = []
    for _ in range(UID_LENGTH):
        order_id, digit = divmod(order_id, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def parse_number(text: str) -> int | None:
    """Read a positive decimal id below 2^53; None when the text is not one."""
    if not _NUMBER.fullmatch(text):
        return None
    number = int(text)
    return number if number <= MAX_ID else None


def parse_order_id(text: str) -> int | None:
    """Read either form of an order's id; None when the text is neither.

    Eleven characters are always a uid: an eleven-digit id would date from the first hours of the epoch.
    """
    if len(text) != UID_LENGTH:
        return parse_number(text)
    order_id = 0
    for character in text.upper():
        digit = _READ.get(character)
        if digit is None:
            return None
        order_id = order_id * 32 + digit
    return order_id if 0 < order_id <= MAX_ID else None
