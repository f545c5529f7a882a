"""Checking every invariant of a stage. The sequence keeps what is in flight from looking wrong."""

from collections.abc import Iterable

from chalicelib.inventory.storage.tables import StockRow, store_and_shard
from chalicelib.orders.model import OrderKind, StoreOrder, StoreOrderStatus
from chalicelib.orders.storage.tables import OrderRow, to_order
from infra.ops.reconcile.copies import CopyChecks
from infra.ops.reconcile.findings import Finding, Violation
from infra.ops.reconcile.keys import check_keys
from infra.ops.reconcile.ledger import Account, Key, Ledger
from infra.ops.reconcile.orders import OrderChecks
from infra.ops.reconcile.snapshot import check_snapshot
from infra.ops.reconcile.stage import Stage


def reconcile(stage: Stage) -> list[Finding]:
    """Check every invariant; nothing is changed.

    Raises:
        Unavailable: the database gave no answer.
    """
    copies, orders = CopyChecks(stage), OrderChecks(stage)
    stock = Finding("stock", "supplied + cancelled - confirmed = quantity, and never below zero")
    # Stock before orders: whatever order had changed a stock row when it was read is found afterwards.
    ledger = _ledger(stage, copies.watch(stage.stock()))
    stock.checked = len(ledger)
    for row in stage.orders():
        orders.see(row)
        _book(ledger, row)
    copies.finish()
    orders.finish()
    for key, account in _wrong_again(stage, ledger.wrong()).items():
        stock.add(_stock_violation(key, account))
    return [stock, check_keys(stage), *orders.findings, copies.finding, check_snapshot(stage)]


def _ledger(stage: Stage, rows: Iterable[StockRow]) -> Ledger:
    ledger = Ledger(stage.margin)
    for row in rows:
        store_id, shard = store_and_shard(int(row.store_id))
        # `units` counts the other shards together with shard 0, the stock row.
        if not shard:
            ledger.open((store_id, int(row.product_id)), int(row.supplied), stage.units(row), stage.now())
    return ledger


def _book(ledger: Ledger, row: OrderRow) -> None:
    # An order with an impossible status is reported by another invariant.
    if row.kind != OrderKind.STORE or row.status not in set(StoreOrderStatus):
        return
    if isinstance(order := to_order(row), StoreOrder):
        ledger.book(order, row.updated_at)


def _wrong_again(stage: Stage, suspects: dict[Key, Account]) -> dict[Key, Account]:
    """Return the rows that are still wrong after they and all orders are read again."""
    if not suspects:
        return {}
    again = Ledger(stage.margin)
    for key in suspects:
        if stock := stage.stock_row(*key):
            again.open(key, int(stock.supplied), stage.units(stock), stage.now())
    for row in stage.orders():
        _book(again, row)
    return again.wrong()


def _stock_violation(key: Key, account: Account) -> Violation:
    store_id, product_id = key
    least, most = account.least_taken, account.most_taken
    taken = f"{least}" if least == most else f"{least} to {most}"
    detail = f"supplied {account.supplied}, taken {taken}, and there are {account.quantity}"
    return Violation(f"stock of product {product_id} in store {store_id}", detail)
