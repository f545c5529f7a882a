"""What an order writes, in table and indexes; `docs/performance.md` shows these figures."""

from pathlib import Path

import pytest

from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.messages import OrderConfirmed
from tests.simulator.world import World
from tests.support.write_units import DOLLARS_PER_MILLION, counted

PERFORMANCE = Path(__file__).parents[2] / "docs/performance.md"
USER = 7


def written(monkeypatch, *, whole: bool, known: bool) -> dict[str, int]:
    """Return the units of an order of two lines and of its mail.

    Args:
        monkeypatch: watches the tables.
        whole: whether the lists' indexes hold all of an order, as they did once.
        known: whether it is an account's order, with an Idempotency-Key.
    """
    with World(1).up() as world:
        shop = world.shop
        shop.add_store(1)
        for product_id in (10, 11):
            shop.add_stock(1, product_id, 9, f"A product with a title of its own {product_id}")
        dynamodb = world.cloud.dynamodb
        if whole:
            orders = next(table for name, table in dynamodb.tables.items() if name.endswith("-orders"))
            for name in ("by_store", "by_user"):
                orders._global[name]._kept = None
        key = IdempotencyKey("k" * 36, "f" * 64) if known else None
        with counted(dynamodb, monkeypatch) as units:
            order = shop.place(1, {10: 2, 11: 1}, key, "ada@example.com", USER if known else None)
            shop.confirm(OrderConfirmed(order_id=order.id))
        return {name: count for name, count in units.items() if count}


@pytest.mark.parametrize(
    ("known", "before", "after"), [(False, 17, 15), (True, 22, 18)], ids=["anonymous", "account and key"]
)
def test_an_order_writes_no_more_than_it_must(monkeypatch, known: bool, before: int, after: int):
    was = written(monkeypatch, whole=True, known=known)
    now = written(monkeypatch, whole=False, known=known)

    assert (sum(was.values()), sum(now.values())) == (before, after)
    assert now["orders/by_store"] == 1
    assert now.get("orders/by_user", 0) == (1 if known else 0)
    dollars = [f"{count * DOLLARS_PER_MILLION:.2f}" for count in (before, after)]
    assert f"| {before} → {after} | {dollars[0]} → {dollars[1]} |" in PERFORMANCE.read_text()
