"""Many editors and many builders of search indexes at once, on Amazon's own DynamoDB Local."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from chalicelib.catalog.model import Product
from chalicelib.errors import Contended
from chalicelib.search.model import Snapshot
from tests.support.shop import START, Shop
from tests.support.threads import all_at_once

# Every change of the catalogue meets every other one.
THREADS = 16


@pytest.fixture
def shop(dynamodb_shop: Shop) -> Shop:
    dynamodb_shop.add_category(1, "Electronics")
    return dynamodb_shop


def test_the_pointer_ends_at_the_latest_snapshot_and_nobody_ever_sees_it_go_back(shop: Shop):
    pointer = shop.wiring.search.pointer
    snapshots = [
        Snapshot(version, START + timedelta(seconds=second), f"{version}-{second}", 1, "digest")
        for version in range(1, 41)
        for second in range(5)
    ]

    def publish(snapshot: Snapshot) -> tuple[Snapshot, bool, Snapshot]:
        return snapshot, pointer.move(snapshot), pointer.read()

    published = all_at_once(publish, random.Random(7).sample(snapshots, len(snapshots)), THREADS)

    assert pointer.read() == max(snapshots, key=place)
    assert all(place(seen) >= place(snapshot) for snapshot, moved, seen in published if moved)
    assert any(not moved for _, moved, _ in published)


def place(snapshot: Snapshot) -> tuple:
    return snapshot.version, snapshot.read_at


def test_products_that_are_added_at_once_get_ids_and_versions_of_their_own(shop: Shop):
    def add(number: int) -> Product | None:
        try:
            return shop.wiring.catalog.editor.add_product(
                title=f"Kettle {number}", description="", price=Decimal(number), category_id=1
            )
        except Contended:
            return None

    added = [product for product in all_at_once(add, range(60), THREADS) if product]

    assert len(added) > THREADS
    assert len({product.id for product in added}) == len(added)
    assert all(shop.wiring.catalog.repository.product(product.id) == product for product in added)
    assert shop.wiring.catalog.transactions.version() == len(added)
    assert sorted(message.catalog_version for message in shop.changes.messages) == list(
        range(1, len(added) + 1)
    )


def test_edits_of_one_product_at_once_all_hold_or_are_refused_and_the_copies_follow_the_last(shop: Shop):
    shop.add_store(1)
    shop.add_product(7, "Kettle")
    shop.add_stock(1, 7, 5, "Kettle")

    def edit(number: int) -> bool:
        try:
            shop.wiring.catalog.editor.update_product(7, title=f"Kettle {number}")
        except Contended:
            return False
        return True

    held = all_at_once(edit, range(40), THREADS)
    all_at_once(
        lambda message: shop.wiring.catalog.copy_propagation.follow(message, lambda: 60.0),
        shop.changes.messages,
    )

    assert shop.wiring.catalog.transactions.version() == sum(held)
    assert shop.stock_rows.get(1, 7).title == shop.wiring.catalog.repository.product(7).title
    assert shop.wiring.catalog.pending_edits.due(2**40, 100) == []
