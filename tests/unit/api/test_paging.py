"""Cursors: opaque to clients, and good for the list that made them."""

import pytest

from chalicelib.api.fields import Id
from chalicelib.api.paging import ID_CURSORS, Cursors
from chalicelib.errors import InvalidInput


@pytest.mark.parametrize("position", [1, 2**53 - 1])
def test_a_cursor_is_read_as_the_position_it_was_written_for(position: int):
    assert ID_CURSORS.read(ID_CURSORS.write("/products", position), "/products") == position


def test_a_cursor_can_hold_a_position_of_several_parts():
    cursors = Cursors(tuple[str, tuple[str, Id]])

    assert cursors.read(cursors.write("/orders", ("before", 7)), "/orders") == ("before", 7)


def test_a_cursor_needs_no_escaping_in_a_url():
    assert ID_CURSORS.write("/stores/1/orders?>~", 7).replace("-", "").replace("_", "").isalnum()


def test_a_cursor_of_another_list_is_refused():
    with pytest.raises(InvalidInput) as refused:
        ID_CURSORS.read(ID_CURSORS.write("/stores/1/orders", 7), "/stores/2/orders")

    assert list(refused.value.fields) == ["cursor"]


@pytest.mark.parametrize("position", [0, -1, 2**53])
def test_a_cursor_with_an_impossible_position_is_refused(position: int):
    with pytest.raises(InvalidInput):
        ID_CURSORS.read(ID_CURSORS.write("/products", position), "/products")


@pytest.mark.parametrize("cursor", ["", "abc", "é", "\xff", "WzEsMl0", "A" * 5000])
def test_what_is_no_cursor_is_refused(cursor: str):
    with pytest.raises(InvalidInput):
        ID_CURSORS.read(cursor, "/products")
