import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ids import EPOCH, MAX_ID, new_id, parse_number, parse_order_id, to_uid

RANDOM = random.Random()

ids = st.integers(min_value=1, max_value=MAX_ID)


@given(ids)
def test_an_order_is_found_by_either_form_of_its_id(order_id: int):
    uid = to_uid(order_id)
    assert len(uid) == 11
    assert parse_order_id(uid) == parse_order_id(uid.lower()) == order_id


@given(ids, ids)
def test_uids_sort_as_their_numbers_do(one: int, other: int):
    assert (one < other) == (to_uid(one) < to_uid(other))


@given(st.integers(min_value=10**11, max_value=MAX_ID))
def test_a_number_is_read_as_a_number(order_id: int):
    assert parse_order_id(str(order_id)) == order_id


@given(st.datetimes(min_value=datetime(2025, 1, 2), max_value=datetime(2094, 1, 1)))
def test_a_later_order_has_a_larger_id_until_2094(moment: datetime):
    moment = moment.replace(tzinfo=UTC)
    assert 0 < new_id(moment, RANDOM) < new_id(moment + timedelta(milliseconds=1), RANDOM) <= MAX_ID


def test_ids_of_one_millisecond_differ():
    moment = EPOCH + timedelta(days=700)
    assert len({new_id(moment, RANDOM) for _ in range(100)}) > 90


def test_letters_that_look_like_digits_are_read_as_those_digits():
    assert parse_order_id("0000000OIl1") == parse_order_id("00000000111")


@pytest.mark.parametrize(
    "text", ["", "0", "01", "-1", "+1", "1.0", " 1", "1\n", "٣", "9007199254740992", "9" * 400]
)
def test_what_is_no_number_is_not_read(text: str):
    assert parse_number(text) is None


@pytest.mark.parametrize(
    "text", ["U0000000000", "ZZZZZZZZZZZ", "00000000000", "0000000000-", "000000000é0", "short"]
)
def test_what_is_no_uid_is_not_read(text: str):
    assert parse_order_id(text) is None
