"""Publishing search indexes: what is in them, and which one is served; on moto and DynamoDB Local alike."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.errors import Unavailable
from chalicelib.platform.runtime import Runtime
from chalicelib.search.model import Snapshot
from chalicelib.search.snapshots.live import LiveIndex
from chalicelib.search.snapshots.publisher import SnapshotPublisher
from chalicelib.search.snapshots.source import IndexSource
from tests.support.shop import START, Shop
from tests.support.snapshots import FolderBucket, PlainIndex, build


@pytest.fixture
def bucket(tmp_path: Path) -> FolderBucket:
    return FolderBucket(tmp_path)


def publisher_of(shop: Shop, bucket: FolderBucket, build=build) -> SnapshotPublisher:
    return SnapshotPublisher(
        version=shop.wiring.catalog.transactions.version,
        products=shop.wiring.search.source.products,
        build=build,
        bucket=bucket,
        pointer=shop.wiring.search.pointer,
        clock=shop.clock,
    )


@pytest.fixture
def publisher(shop: Shop, bucket: FolderBucket) -> SnapshotPublisher:
    return publisher_of(shop, bucket)


@pytest.fixture
def live(shop: Shop, bucket: FolderBucket) -> LiveIndex:
    return LiveIndex(
        shop.wiring.search.pointer.read, bucket.download, PlainIndex, refresh_seconds=0.0, runtime=Runtime()
    )


def changed(shop: Shop) -> CatalogChanged:
    return CatalogChanged(catalog_version=shop.wiring.catalog.transactions.raise_version())


def snapshot(version: int, seconds: int = 0) -> Snapshot:
    return Snapshot(version, START + timedelta(seconds=seconds), f"key-{version}-{seconds}", 1, "digest")


def test_the_pointer_moves_to_later_versions_and_to_later_stock_and_never_back(shop: Shop):
    pointer = shop.wiring.search.pointer
    assert pointer.read() is None

    for candidate, moves in (
        (snapshot(5), True),
        (snapshot(4, 60), False),
        (snapshot(5), False),
        (snapshot(5, -1), False),
        (snapshot(5, 1), True),
        (snapshot(6), True),
        (snapshot(5, 2), False),
    ):
        assert pointer.move(candidate) is moves
    assert pointer.read() == snapshot(6)


def test_what_is_published_is_served(shop: Shop, publisher: SnapshotPublisher, live: LiveIndex):
    shop.add_product(7, "Kettle", "25.00")
    assert publisher.follow([changed(shop)])

    (found,) = live.current().products
    assert (found.id, found.title, found.price) == (7, "Kettle", Decimal("25.00"))
    assert (found.category_id, found.category_name, found.created_at) == (1, "Electronics", START)


def test_many_messages_are_one_snapshot_and_stale_ones_none(
    shop: Shop, publisher: SnapshotPublisher, bucket: FolderBucket
):
    messages = [changed(shop) for _ in range(5)]
    assert publisher.follow(messages)
    assert not publisher.follow(messages)
    assert bucket.uploads == 1


def test_stock_that_is_asked_for_anew_is_read_anew(shop: Shop, publisher: SnapshotPublisher, live: LiveIndex):
    shop.add_store(1)
    shop.add_stock(1, 7, 0)
    publisher.follow([changed(shop)])
    assert live.current().products[0].in_stock_at == ()

    shop.add_stock(1, 7, 3)
    shop.clock.advance(600)
    since = int(shop.clock().timestamp())
    assert publisher.follow([CatalogChanged(catalog_version=1, built_since=since)])
    assert not publisher.follow([CatalogChanged(catalog_version=1, built_since=since)])
    live.current()
    assert live.current().products[0].in_stock_at == (1,)


def test_a_change_during_the_building_is_in_the_next_snapshot(shop: Shop, bucket: FolderBucket):
    later = []

    def build_slowly(products, folder):
        later.append(changed(shop))
        return build(products, folder)

    publisher = publisher_of(shop, bucket, build_slowly)
    publisher.follow([changed(shop)])
    assert shop.wiring.search.pointer.read().version == 1
    assert publisher.follow(later)


def test_a_builder_that_was_overtaken_leaves_the_later_snapshot(shop: Shop, bucket: FolderBucket):
    def overtaken(products, folder):
        shop.wiring.search.pointer.move(snapshot(9))
        return build(products, folder)

    publisher_of(shop, bucket, overtaken).follow([changed(shop)])
    assert shop.wiring.search.pointer.read() == snapshot(9)


def test_a_bucket_that_is_down_leaves_the_pointer(
    shop: Shop, publisher: SnapshotPublisher, bucket: FolderBucket
):
    bucket.down = True
    with pytest.raises(Unavailable):
        publisher.follow([changed(shop)])
    assert shop.wiring.search.pointer.read() is None


def test_products_come_with_the_stores_that_carry_them_and_have_them(shop: Shop):
    wiring = shop.wiring
    source = IndexSource(
        wiring.catalog.repository,
        wiring.inventory.stores,
        wiring.inventory.stock,
        wiring.runtime.pool,
        segment=3,
        stores_page=2,
    )
    for store_id in (1, 2, 3):
        shop.add_store(store_id)
    shop.add_store(4, deleted_at=START)
    for product_id in range(1, 12):
        shop.add_product(product_id, deleted_at=START if product_id == 5 else None)
    stock = {(1, 2): 0, (1, 11): 1, (2, 2): 9, (3, 2): 1, (3, 4): 0, (4, 4): 8}
    for (store_id, product_id), quantity in stock.items():
        shop.add_stock(store_id, product_id, quantity)

    found = {product.id: (product.carried_by, product.in_stock_at) for product in source.products()}
    nowhere = dict.fromkeys((1, 3, 6, 7, 8, 9, 10), ((), ()))
    assert list(found) == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11]
    assert found == nowhere | {2: ((1, 2, 3), (2, 3)), 4: ((3,), ()), 11: ((1,), (1,))}


def test_an_empty_catalogue_has_an_empty_index(shop: Shop, publisher: SnapshotPublisher, live: LiveIndex):
    publisher.follow([changed(shop)])
    assert live.current().ids == []


def test_the_scheduled_function_queues_what_search_has_missed_and_nothing_else(
    shop: Shop, publisher: SnapshotPublisher
):
    run, sent = shop.wiring.catalog.sweeper.run, shop.changes.messages
    assert run() == 0

    changed(shop)
    assert run() == 1
    publisher.follow(sent)
    assert run() == 0

    shop.clock.advance(601)
    assert run() == 1
    assert publisher.follow(sent[-1:])
    assert run() == 0


def test_the_scheduled_function_queues_copies_again_that_have_not_followed_for_long(shop: Shop):
    shop.add_category(1, "Electronics")
    shop.add_stock(1, 10, 5, "First")
    shop.changes.down = True
    shop.wiring.catalog.editor.update_product(10, title="Second")
    shop.changes.down = False
    shop.wiring.search.pointer.move(snapshot(1, 1000))
    run = shop.wiring.catalog.sweeper.run
    assert run() == 0

    shop.clock.advance(121)
    assert run() == 1
    assert run() == 0
    assert shop.changes.messages == [CatalogChanged(catalog_version=1, product_id=10)]
