"""The published search snapshot, compared with the catalogue."""

import tempfile
from collections.abc import Callable, Hashable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.catalog.storage.tables import ProductRow
from chalicelib.errors import Unavailable
from chalicelib.search.model import FoundProduct, ProductQuery, Snapshot, Sort
from chalicelib.search.snapshots.packing import BrokenSnapshot, unpack, verify
from infra.ops.reconcile.findings import Finding, Violation
from infra.ops.reconcile.stage import Stage

# Products of one query; each query goes over all hits.
PAGE = 10_000


def check_snapshot(stage: Stage) -> Finding:
    """Check that the published index holds the catalogue, except for recent edits."""
    finding = Finding("search", "the published search snapshot holds the catalogue")
    version = stage.wiring.catalog.transactions.version()
    published = stage.wiring.search.pointer.read()
    if not stage.wiring.settings.snapshot_bucket:
        finding.skipped = "no SNAPSHOT_BUCKET"
        return finding
    if not version:
        finding.skipped = "the catalogue is empty"
        return finding
    rebuild = _rebuild(stage, version)
    if published is None:
        finding.add(Violation("search", "nothing is published", rebuild))
        return finding
    try:
        indexed = _indexed(stage, published)
    except (BrokenSnapshot, Unavailable, OSError, ValueError) as error:
        finding.add(Violation(f"snapshot {published.key}", str(error), rebuild))
        return finding
    # Edits after the index was built may be missing in it, until they are overdue.
    built = published.read_at - stage.margin
    forgiven = stage.now() - stage.overdue if stage.margin else stage.now() + timedelta(days=1)
    for row in stage.products():
        finding.checked += 1
        in_index = indexed.pop(int(row.id), None)
        in_catalogue = None if row.deleted_at is not None else hash(_shown(row))
        if in_index != in_catalogue and not (row.updated_at >= built and row.updated_at > forgiven):
            finding.add(Violation(f"product {int(row.id)}", "search shows it otherwise", rebuild))
    for product_id in sorted(indexed):
        finding.add(Violation(f"product {product_id}", "only search has it", rebuild))
    return finding


def _indexed(stage: Stage, snapshot: Snapshot) -> dict[int, int]:
    """Return a digest of each product as the snapshot shows it, by id."""
    from chalicelib.search.engine.index import SearchIndex

    # An error while the folder is removed says nothing about the snapshot.
    with tempfile.TemporaryDirectory(prefix="stockroom-reconcile-", ignore_cleanup_errors=True) as name:
        packed, folder = Path(name, "index.tar"), Path(name, "index")
        stage.wiring.search.bucket.download(snapshot, packed)
        verify(packed, snapshot)
        unpack(packed, folder)
        packed.unlink()
        index = SearchIndex.open(folder)
        digests: dict[int, int] = {}
        offset, count = 0, 1
        while offset < count:
            found = index.search(ProductQuery(sort=Sort.TITLE, offset=offset, limit=PAGE))
            digests |= {product.id: hash(_facts(product)) for product in found.products}
            offset, count = offset + PAGE, found.count
        return digests


def _facts(product: FoundProduct) -> Hashable:
    return product.title, product.description, Decimal(product.price), product.category_name


def _shown(row: ProductRow) -> Hashable:
    return row.title, row.description, row.price, row.category_name


def _rebuild(stage: Stage, version: int) -> Callable[[], bool]:
    """Return what queues one new snapshot, however many violations ask for it."""
    queued: list[bool] = []

    def queue() -> bool:
        if not queued:
            since = int(stage.now().timestamp())
            stage.wiring.catalog.publish_changed(CatalogChanged(catalog_version=version, built_since=since))
            queued.append(True)
        return True

    return queue
