"""Where the shards of split stock lie."""

from itertools import product

import pytest

from chalicelib.ids import MAX_ID
from chalicelib.inventory.storage.resharding import MAX_SHARDS
from chalicelib.inventory.storage.tables import shard_key, store_and_shard


def test_the_first_part_is_the_stock_row_itself_and_the_others_show_their_store():
    assert shard_key(7, 10, 0) == (7, 10)
    assert shard_key(7, 10, 3) == (-703, 10)


@pytest.mark.parametrize("store_id", [1, 99, 100, MAX_ID])
def test_a_part_is_told_from_every_store_and_leads_back_to_its_own(store_id: int):
    keys = [shard_key(store_id, 10, shard)[0] for shard in range(MAX_SHARDS)]
    assert [store_and_shard(key) for key in keys] == [(store_id, shard) for shard in range(MAX_SHARDS)]
    assert all(key < 0 for key in keys[1:])


def test_no_two_parts_share_a_row():
    keys = {shard_key(store_id, 10, shard) for store_id, shard in product(range(1, 200), range(MAX_SHARDS))}
    assert len(keys) == 199 * MAX_SHARDS
