"""Where the parts of split stock lie."""

from itertools import product

import pytest

from chalicelib.ids import MAX_ID
from chalicelib.inventory.storage.shards import MAX_PARTS, part_key, store_and_part


def test_the_first_part_is_the_stock_row_itself_and_the_others_show_their_store():
    assert part_key(7, 10, 0) == (7, 10)
    assert part_key(7, 10, 3) == (-703, 10)


@pytest.mark.parametrize("store_id", [1, 99, 100, MAX_ID])
def test_a_part_is_told_from_every_store_and_leads_back_to_its_own(store_id: int):
    keys = [part_key(store_id, 10, part)[0] for part in range(MAX_PARTS)]
    assert [store_and_part(key) for key in keys] == [(store_id, part) for part in range(MAX_PARTS)]
    assert all(key < 0 for key in keys[1:])


def test_no_two_parts_share_a_row():
    keys = {part_key(store_id, 10, part) for store_id, part in product(range(1, 200), range(MAX_PARTS))}
    assert len(keys) == 199 * MAX_PARTS
