"""Idempotency keys, compared with the orders they name."""

from itertools import islice

from chalicelib.platform.dynamodb.database import BATCH_GET_LIMIT
from infra.ops.reconcile.findings import Finding, Violation
from infra.ops.reconcile.stage import Stage


def check_keys(stage: Stage) -> Finding:
    """Check that every key names an order, and no two of them the same one."""
    finding = Finding("keys", "every idempotency key has one order of its own")
    keys = stage.keys()
    named: set[int] = set()
    while batch := list(islice(keys, BATCH_GET_LIMIT)):
        existing = stage.existing_orders(sorted({int(row.order_id) for row in batch}))
        for row in batch:
            order_id = int(row.order_id)
            finding.checked += 1
            if order_id not in existing:
                finding.add(Violation(f"key {row.key}", f"there is no order #{order_id}"))
            elif order_id in named:
                finding.add(Violation(f"key {row.key}", f"order #{order_id} has another key as well"))
            named.add(order_id)
    return finding
