"""Amounts of money: exact, with two decimals, never through a float (contract, "Everywhere")."""

import re
from decimal import Decimal

CENT = Decimal("0.01")
# Ten digits, two of them decimals, as in the NUMERIC(10, 2) of the systems that shops come from.
MAX_AMOUNT = Decimal("99999999.99")

_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")


def parse_amount(text: str) -> Decimal:
    """Read an amount, which then has exactly two decimals.

    Args:
        text: a number as JSON writes it (RFC 8259, section 6).

    Raises:
        ValueError: it is no number, negative, above `MAX_AMOUNT`, or has more than two decimals.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError('An amount is a number, such as 12.5 or "12.50".')
    value = Decimal(text)
    if not 0 <= value <= MAX_AMOUNT:
        raise ValueError(f"An amount is from 0 to {MAX_AMOUNT}.")
    amount = value.quantize(CENT)
    if amount != value:
        raise ValueError("An amount has two decimals at the most.")
    return abs(amount)
