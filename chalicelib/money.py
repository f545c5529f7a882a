"""Amounts of money: exact, with two decimals, never through a float (contract, "Everywhere")."""

from decimal import Decimal

CENT = Decimal("0.01")
# Ten digits, two of them decimals, as in the NUMERIC(10, 2) of the systems that shops come from.
MAX_AMOUNT = Decimal("99999999.99")


def parse_amount(value: Decimal) -> Decimal:
    """Return an amount with exactly two decimals.

    Raises:
        ValueError: it is negative, not a number, above `MAX_AMOUNT`, or has more than two decimals.
    """
    # NaN compares with nothing, so the range is asked for in the way that only a number can satisfy.
    if not value.is_finite() or not 0 <= value <= MAX_AMOUNT:
        raise ValueError(f"An amount is from 0 to {MAX_AMOUNT}.")
    amount = value.quantize(CENT)
    if amount != value:
        raise ValueError("An amount has two decimals at the most.")
    return abs(amount)
