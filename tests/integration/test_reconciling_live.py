"""Reconciling a stage while it is in use, and by the operators' command."""

import contextlib
import json
import os
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from chalicelib.errors import NotCancellable
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.platform.runtime import Runtime
from infra.ops.reconcile.checks import reconcile
from tests.simulator.invariants import stage_of
from tests.support.shop import Shop

USER = 7
CUSTOMERS = 6
PRODUCTS = (10, 11, 12)


@pytest.fixture
def shop(dynamodb_shop: Shop) -> Shop:
    shop = Shop(dynamodb_shop.wiring.settings, Runtime())
    shop.add_category(1, "Electronics")
    shop.add_store(1)
    for product_id in PRODUCTS:
        shop.add_stock(1, product_id, 300)
    return shop


def test_a_stage_in_use_shows_no_violation_that_is_none(shop: Shop):
    closing = threading.Event()

    def customer(number: int) -> int:
        chance, orders = random.Random(number), 0
        while not closing.is_set():
            order = shop.place(1, {chance.choice(PRODUCTS): chance.randint(1, 5)}, user_id=USER)
            orders += 1
            if chance.random() < 0.5:
                shop.confirm(OrderConfirmed(order_id=order.id))
            if chance.random() < 0.7:
                with contextlib.suppress(NotCancellable):
                    shop.wiring.orders.cancellation.cancel(order.id, USER)
            shop.place_personal(USER, IdempotencyKey(f"{number}-{orders}", "fingerprint"))
        return orders

    def editor() -> None:
        price = 10
        while not closing.wait(0.05):
            price += 1
            shop.wiring.catalog.editor.update_product(10, price=Decimal(price))
            shop.wiring.catalog.copy_propagation.follow(shop.changes.messages[-1], lambda: 60.0)
            shop.tick()

    with ThreadPoolExecutor(CUSTOMERS + 1) as pool:
        customers = [pool.submit(customer, number) for number in range(CUSTOMERS)]
        edits = pool.submit(editor)
        try:
            for _ in range(3):
                live = stage_of(shop, margin=timedelta(seconds=5), overdue=timedelta(seconds=300))
                assert [violation for finding in reconcile(live) for violation in finding.violations] == []
        finally:
            closing.set()
        assert sum(done.result() for done in customers) > 20
        edits.result()

    at_rest = reconcile(stage_of(shop, overdue=timedelta(days=1)))
    assert [violation for finding in at_rest for violation in finding.violations] == []


def command(shop: Shop, *options: str) -> subprocess.CompletedProcess[str]:
    settings = shop.wiring.settings
    environment = os.environ | {"AWS_ENDPOINT_URL_DYNAMODB": settings.aws_endpoint_url_dynamodb}
    return subprocess.run(
        [sys.executable, "-m", "infra.ops.reconcile", "--stage", settings.stage, *options],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_the_command_says_that_all_is_well(shop: Shop):
    shop.place(1, {10: 1})
    done = command(shop)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split()[:4] == ["ok", "stock", "3", "rows"]
    assert done.stdout.splitlines()[-1] == f"Stage {shop.wiring.settings.stage}: 0 violations, 0 repaired."


def test_the_command_names_what_is_wrong_and_repairs_only_when_told_to(shop: Shop):
    shop.stock_rows(1, 10).update([shop.stock_rows.title.set("Another")])
    shop.stock_rows(1, 11).update([shop.stock_rows.quantity.set(299)])
    first, second = command(shop, "--margin-seconds", "0"), command(shop, "--repair", "--json")

    assert (first.returncode, second.returncode) == (1, 1)
    assert "stock of product 11 in store 1: supplied 300, taken 0, and there are 299" in first.stdout
    assert first.stdout.splitlines()[-1].endswith("2 violations, 0 repaired.")
    found = {row["invariant"]: row for row in json.loads(second.stdout)["invariants"]}
    assert (found["copies"]["repaired"], found["stock"]["repaired"]) == (1, 0)
    assert shop.stock_rows.get(1, 10).title == "Product 10"
    assert shop.quantity(1, 11) == 299


def test_the_command_says_when_it_could_not_look(shop: Shop):
    elsewhere = command(shop, "--stage", "nowhere")
    assert elsewhere.returncode == 2
    assert "do the tables of stage nowhere exist?" in elsewhere.stderr
