import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.money import MAX_AMOUNT, parse_amount


@given(st.decimals(0, MAX_AMOUNT, places=2))
def test_every_amount_of_two_decimals_is_read_exactly(amount: Decimal):
    assert parse_amount(str(amount)) == amount
    assert str(parse_amount(str(amount))) == f"{amount:.2f}"


@given(st.decimals(0, 1000, places=3).filter(lambda value: value != value.quantize(Decimal("0.01"))))
def test_a_third_decimal_is_refused_and_never_rounded(amount: Decimal):
    with pytest.raises(ValueError, match="two decimals"):
        parse_amount(str(amount))


@given(st.text(max_size=20))
def test_whatever_is_sent_is_an_amount_or_refused(text: str):
    with contextlib.suppress(ValueError):
        assert 0 <= parse_amount(text) <= MAX_AMOUNT


def test_no_amount_is_negative_not_even_zero():
    assert str(parse_amount("-0")) == "0.00"
    with pytest.raises(ValueError, match="from 0"):
        parse_amount("-0.01")
