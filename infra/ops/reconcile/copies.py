"""The copies of products on stock rows, compared with the catalogue."""

from collections.abc import Iterable, Iterator
from itertools import islice

from chalicelib.catalog.storage.tables import EditRow, ProductRow, to_product
from chalicelib.inventory.storage.tables import (
    StockRow,
    copy_attributes,
    has_version_of,
    key_of,
    set_copy,
    store_and_shard,
)
from chalicelib.platform.dynamodb.database import BATCH_GET_LIMIT, condition_held
from infra.ops.reconcile.findings import Finding, Violation
from infra.ops.reconcile.stage import Stage


class CopyChecks:
    """Compares stock rows in batches, and those that seemed wrong a second time.

    A copy may differ while its product's edit is pending. Retired products are not compared, because their
    copies are not updated any more.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.finding = Finding("copies", "title, price and category on stock rows are the catalogue's")
        self._suspects: list[tuple[int, int]] = []

    def watch(self, rows: Iterable[StockRow]) -> Iterator[StockRow]:
        """Compare stock rows, and yield each of them."""
        rows = iter(rows)
        while batch := list(islice(rows, BATCH_GET_LIMIT)):
            products = self._stage.products_by_id({int(row.product_id) for row in batch})
            self._suspects += [
                key_of(row) for row in batch if _difference(row, products.get(int(row.product_id)))
            ]
            self.finding.checked += len(batch)
            yield from batch

    def finish(self) -> None:
        """Compare again what seemed wrong.

        Rows are read before and after the pending edits. A copy that differs from the same version of its
        product both times, and has no pending edit, was forgotten.
        """
        if not self._suspects:
            return
        first = [self._pair(key) for key in self._suspects]
        edits = self._stage.edits()
        for key, (_, product) in zip(self._suspects, first, strict=True):
            row, product_again = self._pair(key)
            if row is None or not (difference := _difference(row, product_again)):
                continue
            if product_again and product and product_again.updated_at != product.updated_at:
                continue
            edit = edits.get(key[1])
            if edit and not self._is_forgotten(edit):
                continue
            self.finding.add(self._violation(row, product_again, difference))

    def _pair(self, key: tuple[int, int]) -> tuple[StockRow | None, ProductRow | None]:
        return self._stage.stock_row(*key), self._stage.product(key[1])

    def _is_forgotten(self, edit: EditRow) -> bool:
        return edit.due_at < (self._stage.now() - self._stage.overdue).timestamp()

    def _violation(self, row: StockRow, product: ProductRow | None, difference: str) -> Violation:
        store_id, shard = store_and_shard(int(row.store_id))
        which = f"shard {shard} of the stock" if shard else "stock"
        return Violation(
            f"{which} of product {int(row.product_id)} in store {store_id}",
            difference,
            (lambda: _copy(row, product)) if product else None,
        )


def _difference(row: StockRow, product: ProductRow | None) -> str:
    """Say how a stock row differs from its product; nothing if it does not."""
    if product is None:
        return "the catalogue has no such product"
    if product.deleted_at is not None:
        return ""
    wrong = [
        f"{name} is {getattr(row, name)!s}, not {value!s}"
        for name, value in copy_attributes(to_product(product).copy).items()
        if getattr(row, name) != value
    ]
    return "; ".join(wrong)


def _copy(row: StockRow, product: ProductRow) -> bool:
    """Update a row's copies if its version is unchanged; a newer version has been copied already."""
    version = None if product.version is None else int(product.version)
    actions = set_copy(to_product(product).copy, version)
    condition = StockRow.quantity.exists() & has_version_of(row)
    return condition_held(lambda: row.update(actions, condition))
