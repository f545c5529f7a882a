"""What a reconciliation finds and repairs; on moto and DynamoDB Local alike."""

import errno
import os
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.orders.storage.tables import IDEMPOTENCY_TABLE, IdempotencyRow
from chalicelib.search.engine.index import build
from chalicelib.search.snapshots.publisher import SnapshotPublisher
from infra.ops.reconcile.checks import reconcile
from infra.ops.reconcile.findings import Finding
from tests.simulator.invariants import findings, stage_of, violations
from tests.support.shop import Shop
from tests.support.snapshots import FolderBucket

USER = 7


@pytest.fixture(autouse=True)
def _busy(shop: Shop, tmp_path: Path) -> None:
    """Let the shop have something of everything."""
    shop.rewire(settings={"snapshot_bucket": "bucket"}, snapshot_bucket=FolderBucket(tmp_path))
    shop.add_category(1, "Electronics")
    shop.add_store(1)
    shop.add_stock(1, 10, 7, "iPhone 15", "1000.00")
    shop.add_stock(1, 11, 3, "Samsung TV", "1500.00")
    shop.wiring.catalog.transactions.raise_version()
    sent = shop.place(1, {10: 1}, IdempotencyKey("key", "fingerprint"))
    shop.confirm(OrderConfirmed(order_id=sent.id))
    shop.place(1, {10: 1, 11: 2}, email="ada@example.com")
    shop.place(1, {10: 50})
    cancelled = shop.place(1, {10: 2}, user_id=USER)
    shop.wiring.orders.cancellation.cancel(cancelled.id, USER)
    shop.place_personal(USER, IdempotencyKey("another", "fingerprint"))
    publish(shop)


def publish(shop: Shop) -> None:
    version = shop.wiring.catalog.transactions.version()
    publisher = SnapshotPublisher(
        version=lambda: version,
        products=shop.wiring.search.source.products,
        build=build,
        bucket=shop.wiring.search.bucket,
        pointer=shop.wiring.search.pointer,
        clock=shop.clock,
    )
    publisher.follow([CatalogChanged(catalog_version=version, built_since=int(shop.clock().timestamp()))])


def work_off(shop: Shop) -> None:
    """Complete what is pending, so that it does not lie about when time passes."""
    shop.tick()
    for message in shop.handovers.messages:
        shop.complete(message)


def only(shop: Shop, invariant: str) -> Finding:
    """Return the one finding that has violations."""
    (violated,) = [finding for finding in findings(shop).values() if finding.violated]
    assert violated.invariant == invariant
    return violated


def order_of(shop: Shop, status: str, **content):
    (row,) = [
        row for row in shop.all_orders()
        if row.status == status and all((getattr(row, name) is None) == absent for name, absent in content.items())
    ]  # fmt: skip
    return row


def test_a_shop_at_work_violates_nothing_and_everything_is_checked(shop: Shop):
    found = findings(shop)
    assert [finding for finding in found.values() if finding.violated] == []
    assert {name: finding.checked for name, finding in found.items()} == {
        "stock": 2, "keys": 2, "status": 5, "mail": 5, "lease": 5, "due": 5, "copies": 2, "search": 2,
    }  # fmt: skip
    assert not any(finding.skipped for finding in found.values())


@pytest.mark.parametrize("quantity", [-1, 4, 6])
def test_stock_that_no_order_explains_is_found_and_left_to_people(shop: Shop, quantity: int):
    shop.stock_rows(1, 10).update([shop.stock_rows.quantity.set(quantity)])
    finding = only(shop, "stock")

    assert [violation.subject for violation in finding.violations] == ["stock of product 10 in store 1"]
    assert finding.repair() == 1
    assert shop.quantity(1, 10) == quantity


def test_a_lost_order_shows_in_the_stock_it_took_and_by_its_key(shop: Shop):
    order_of(shop, "CONFIRMED", confirmation_sent_at=False).delete()
    violated = {name for name, finding in findings(shop).items() if finding.violated}
    assert violated == {"stock", "keys"}


def test_a_folder_that_cannot_be_cleaned_up_says_nothing_about_the_search_index(
    shop: Shop, tmp_path: Path, monkeypatch
):
    def rmdir(path, **options) -> None:
        raise OSError(errno.ENOTEMPTY, "Directory not empty", path)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "rmdir", rmdir)
    assert violations(shop) == []


def test_two_keys_of_one_order_are_found(shop: Shop):
    keys = shop.wiring.platform.database.bind(IdempotencyRow, IDEMPOTENCY_TABLE)
    key = keys.get("key")
    keys("second", order_id=key.order_id, fingerprint="f", expires_at=key.expires_at).save()
    assert only(shop, "keys").violated == 1


def test_a_confirmation_that_nobody_would_send_is_made_due_and_then_queued(shop: Shop):
    row = order_of(shop, "CONFIRMED", confirmation_sent_at=True)
    row.update([shop.order_rows.due_at.remove(), shop.order_rows.due_shard.remove()])
    shop.announcements.order_ids.clear()

    assert only(shop, "mail").repair() == 0
    assert violations(shop) == []
    shop.tick()
    assert shop.announcements.order_ids == [int(row.id)]


def test_an_ended_order_that_is_due_and_a_pending_one_that_is_not_are_put_right(shop: Shop):
    ended = order_of(shop, "REJECTED")
    ended.update([shop.order_rows.due_at.set(1), shop.order_rows.due_shard.set(int(ended.id) % 16)])
    pending = order_of(shop, "pending")
    pending.update([shop.order_rows.due_at.remove(), shop.order_rows.due_shard.remove()])
    finding = only(shop, "due")

    assert finding.violated == 2
    assert finding.repair() == 0
    assert violations(shop) == []
    shop.tick()
    assert shop.status(int(pending.id)) == "processing"


def test_a_repair_changes_nothing_that_has_changed_since_it_was_seen(shop: Shop):
    pending = order_of(shop, "pending")
    pending.update([shop.order_rows.due_at.remove(), shop.order_rows.due_shard.remove()])
    finding = only(shop, "due")
    pending.update([shop.order_rows.status.set("completed")])

    assert finding.repair() == 1
    assert shop.order_rows.get(pending.id).due_at is None


def test_an_order_in_processing_is_stuck_once_its_lease_has_run_out(shop: Shop):
    shop.tick()
    assert violations(shop) == []
    shop.clock.advance(131)
    assert only(shop, "lease").violated == 1
    assert not any(finding.violated for finding in reconcile(stage_of(shop, overdue=timedelta(seconds=60))))


def test_a_status_that_no_order_can_have_is_found(shop: Shop):
    order_of(shop, "REJECTED").update([shop.order_rows.status.set("completed")])
    assert only(shop, "status").violated == 1


def test_a_copy_that_differs_is_found_and_repaired(shop: Shop):
    shop.stock_rows(1, 10).update([shop.stock_rows.price.set(Decimal("1.00"))])
    finding = only(shop, "copies")

    assert "price is 1.00, not 1000.00" in finding.violations[0].detail
    assert finding.repair() == 0
    assert violations(shop) == []


def test_a_copy_that_is_about_to_follow_is_no_violation_until_it_was_forgotten(shop: Shop):
    shop.wiring.catalog.editor.update_product(10, price=Decimal("900.00"))
    publish(shop)
    assert violations(shop) == []

    work_off(shop)
    shop.clock.advance(121)
    assert only(shop, "copies").violated == 1


def test_a_repaired_copy_follows_later_edits(shop: Shop):
    shop.wiring.catalog.editor.update_product(10, price=Decimal("900.00"))
    publish(shop)
    work_off(shop)
    shop.clock.advance(121)
    assert only(shop, "copies").repair() == 0
    shop.wiring.catalog.editor.update_product(10, price=Decimal("800.00"))
    shop.wiring.catalog.copy_propagation.follow(shop.changes.messages[-1], lambda: 60.0)

    assert shop.stock_rows.get(1, 10).price == Decimal("800.00")


@pytest.mark.parametrize(
    "change",
    [
        lambda shop: shop.add_product(12, "Kettle"),
        lambda shop: shop.wiring.catalog.editor.retire_product(11),
        lambda shop: shop.wiring.catalog.editor.update_product(10, description="Better."),
        lambda shop: shop.wiring.search.bucket.path(shop.wiring.search.pointer.read()).unlink(),
        lambda shop: shop.wiring.search.bucket.path(shop.wiring.search.pointer.read()).write_bytes(b"x"),
    ],
    ids=["added", "retired", "edited", "lost", "broken"],
)
def test_a_snapshot_that_differs_from_the_catalogue_is_found_and_built_anew(shop: Shop, change):
    change(shop)
    shop.changes.messages.clear()
    finding = only(shop, "search")

    assert finding.repair() == 0
    assert len(shop.changes.messages) == 1
    work_off(shop)
    shop.clock.advance(1)
    publish(shop)
    assert violations(shop) == []


def test_a_product_edited_a_moment_ago_may_still_be_missing_from_search(shop: Shop):
    shop.wiring.catalog.editor.update_product(10, description="Better.")
    lenient = stage_of(shop, margin=timedelta(seconds=60), overdue=timedelta(seconds=600))
    assert not any(finding.violated for finding in reconcile(lenient))
