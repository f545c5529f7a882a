"""Stock that is split over several rows answers as stock in one row; on each of the databases."""

from collections import Counter
from decimal import Decimal

import pytest

from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.errors import NotFound
from chalicelib.inventory.storage.tables import shard_key
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.model import Shortage, StoreOrderStatus
from tests.simulator.invariants import findings, violations
from tests.support.shop import Shop

USER = 7
SHARDS = 4
CONFIRMED, REJECTED = StoreOrderStatus.CONFIRMED, StoreOrderStatus.REJECTED


@pytest.fixture(autouse=True)
def _stocked(shop: Shop) -> None:
    shop.add_category(1, "Electronics")
    shop.add_store(1)
    shop.add_stock(1, 10, 10, "iPhone 15", "1000.00")
    shop.add_stock(1, 11, 3, "Samsung TV", "1500.00")
    assert shop.split_stock(1, 10, SHARDS).shards == (4, 2, 2, 2)


def another_process(shop: Shop) -> Shop:
    """Return the same stage as another process sees it, with a memory of its own."""
    return Shop(shop.wiring.settings, shop.wiring.runtime)


def parts_of(shop: Shop, product_id: int = 10) -> tuple[int, ...]:
    return shop.wiring.inventory.stock.levels(1, [product_id])[product_id].shards


def rows_of(shop: Shop, product_id: int = 10) -> int:
    return sum(row.product_id == product_id for row in shop.stock_rows.scan())


def edit_price(shop: Shop, price: str) -> CatalogChanged:
    shop.wiring.catalog.editor.update_product(10, price=Decimal(price))
    return shop.changes.messages[-1]


def test_a_listing_and_the_levels_show_the_units_of_all_parts_and_no_part(shop: Shop):
    listed = [
        (stock.product_id, stock.quantity) for _, stock in shop.wiring.inventory.stock.listing(1, None, 10)
    ]
    levels = shop.wiring.inventory.stock.levels(1, [10, 11])

    assert listed == [(10, 10), (11, 3)]
    assert {product_id: stock.quantity for product_id, stock in levels.items()} == {10: 10, 11: 3}
    assert shop.wiring.inventory.stock.stores_carrying(10, 0, 10) == [1]


def test_all_units_can_be_ordered_one_by_one_and_not_one_more(shop: Shop):
    orders = [shop.place(1, {10: 1}) for _ in range(11)]

    assert Counter(order.status for order in orders) == {CONFIRMED: 10, REJECTED: 1}
    assert orders[-1].shortages == (Shortage(10, 1, 0),)
    assert parts_of(shop) == (0, 0, 0, 0)


def test_all_units_can_be_ordered_at_once_although_no_part_has_as_many(shop: Shop):
    order = shop.place(1, {10: 10, 11: 1})

    assert order.status is CONFIRMED
    assert (shop.available(1, 10), shop.available(1, 11)) == (0, 2)
    assert violations(shop) == []


def test_units_move_together_only_as_far_as_an_order_needs_them(shop: Shop):
    assert shop.place(1, {10: 5}).status is CONFIRMED
    assert sorted(parts_of(shop)[1:]) == [1, 2, 2]


def test_a_rejection_names_the_units_of_all_parts_as_available_and_moves_none(shop: Shop):
    order = shop.place(1, {10: 11, 11: 4})

    assert order.status is REJECTED
    assert order.shortages == (Shortage(10, 11, 10), Shortage(11, 4, 3))
    assert parts_of(shop) == (4, 2, 2, 2)


def test_an_order_is_not_rejected_for_a_part_that_has_run_dry(shop: Shop):
    for shard in range(1, SHARDS):
        shop.stock_rows(*shard_key(1, 10, shard)).update([shop.stock_rows.quantity.set(0)])
    # This process still believes that there are units in every shard.
    assert [shop.place(1, {10: 1}).status for _ in range(4)] == [CONFIRMED] * 4


def test_a_line_that_is_short_beside_a_part_that_is_dry_is_the_only_shortage(shop: Shop):
    shop.wiring.inventory.stock.levels(1, [10, 11])
    shop.stock_rows(1, 10).update([shop.stock_rows.quantity.set(0)])
    order = shop.place(1, {10: 4, 11: 4})
    assert order.shortages == (Shortage(11, 4, 3),)


@pytest.mark.parametrize("product_id", [10, 11])
def test_an_order_is_one_request_whether_its_stock_is_split_or_not(shop: Shop, product_id: int):
    requests = []
    shop.place(1, {product_id: 1})
    shop.wiring.platform.database.connection.client.events.register(
        "before-send.dynamodb.*", lambda event_name, **_: requests.append(event_name.rpartition(".")[2])
    )
    shop.place(1, {product_id: 1})

    assert requests == ["TransactWriteItems"]


def test_what_a_cancelled_order_had_can_be_ordered_again(shop: Shop):
    order = shop.place(1, {10: 10}, user_id=USER)
    shop.wiring.orders.cancellation.cancel(order.id, USER)

    assert shop.available(1, 10) == 10
    assert shop.place(1, {10: 10}).status is CONFIRMED
    assert violations(shop) == []


def test_a_process_that_does_not_know_of_the_splitting_sells_all_units(shop: Shop):
    shop.place(1, {11: 1})
    shop.split_stock(1, 11, 2)
    orders = [shop.place(1, {11: 1}) for _ in range(3)]

    assert [order.status for order in orders] == [CONFIRMED, CONFIRMED, REJECTED]
    assert orders[-1].shortages == (Shortage(11, 1, 0),)


def test_a_process_that_does_not_know_of_the_joining_sells_all_units(shop: Shop):
    shop.place(1, {10: 1})
    another_process(shop).split_stock(1, 10, 1)
    orders = [shop.place(1, {10: 1}) for _ in range(10)]

    assert [order.status for order in orders] == [CONFIRMED] * 9 + [REJECTED]


def test_joined_stock_is_one_row_with_all_units(shop: Shop):
    shop.place(1, {10: 1})
    stock = shop.split_stock(1, 10, 1)

    assert (stock.quantity, stock.shards) == (9, ())
    assert (shop.quantity(1, 10), rows_of(shop)) == (9, 1)
    assert violations(shop) == []


@pytest.mark.parametrize("shards", [2, SHARDS, 50])
def test_splitting_again_spreads_the_units_evenly_anew(shop: Shop, shards: int):
    shop.place(1, {10: 4})
    stock = shop.split_stock(1, 10, shards)

    assert (stock.quantity, len(stock.shards), rows_of(shop)) == (6, shards, shards)
    assert len(set(stock.shards[1:])) == 1
    assert violations(shop) == []


def test_what_no_store_carries_cannot_be_split(shop: Shop):
    with pytest.raises(NotFound):
        shop.split_stock(1, 404, 2)


def test_an_edit_reaches_every_part(shop: Shop):
    shop.wiring.catalog.copy_propagation.follow(edit_price(shop, "900.00"), lambda: 60.0)
    prices = {shop.place(1, {10: 1}).lines[0].price for _ in range(10)}

    assert prices == {Decimal("900.00")}
    assert findings(shop)["copies"].violated == 0


def test_an_edit_whose_copying_was_interrupted_after_the_stock_row_still_reaches_every_part(shop: Shop):
    message = edit_price(shop, "900.00")
    version = message.catalog_version
    rows = shop.stock_rows
    rows(1, 10).update([rows.price.set(Decimal("900.00")), rows.product_version.set(version)])
    assert findings(shop)["copies"].violated == 0
    shop.wiring.catalog.copy_propagation.follow(message, lambda: 60.0)

    assert {row.price for row in rows.scan() if row.product_id == 10} == {Decimal("900.00")}


def test_a_price_that_has_not_reached_a_part_is_not_charged_beside_the_new_one(shop: Shop):
    rows = shop.stock_rows
    shop.place(1, {10: 1})
    for shard in range(SHARDS - 1):
        rows(*shard_key(1, 10, shard)).update([rows.price.set(Decimal("900.00"))])
    orders = [another_process(shop).place(1, {10: 1}) for _ in range(4)]

    assert {(order.status, order.amount) for order in orders} == {(CONFIRMED, Decimal("900.00"))}


def test_the_search_index_has_a_product_in_stock_whose_stock_row_alone_has_none(shop: Shop):
    shop.stock_rows(1, 10).update([shop.stock_rows.quantity.set(0)])
    assert dict(shop.wiring.inventory.stock.holdings(1)) == {10: True, 11: True}
    while shop.place(1, {10: 1}).status is CONFIRMED:
        pass
    assert dict(shop.wiring.inventory.stock.holdings(1)) == {10: False, 11: True}


def test_reconciling_counts_the_units_of_all_parts_and_finds_one_that_nobody_explains(shop: Shop):
    shop.place(1, {10: 7})
    assert findings(shop)["stock"].violated == 0
    shop.stock_rows(*shard_key(1, 10, 2)).update([shop.stock_rows.quantity.add(1)])

    (violation,) = findings(shop)["stock"].violations
    assert violation.subject == "stock of product 10 in store 1"
    assert violation.detail == "supplied 10, taken 7, and there are 4"


def test_reconciling_finds_and_repairs_a_part_with_another_title(shop: Shop):
    shop.stock_rows(*shard_key(1, 10, 2)).update([shop.stock_rows.title.set("Another")])
    finding = findings(shop)["copies"]

    assert [violation.subject for violation in finding.violations] == [
        "shard 2 of the stock of product 10 in store 1"
    ]
    assert finding.repair() == 0
    assert findings(shop)["copies"].violated == 0


def test_fifty_split_products_fit_into_one_order_although_the_units_of_each_are_scattered(shop: Shop):
    products = range(100, 150)
    for product_id in products:
        shop.add_stock(1, product_id, 2)
        shop.split_stock(1, product_id, 2)
    order = shop.place(1, dict.fromkeys(products, 2), IdempotencyKey("key", "fingerprint"))

    assert order.status is CONFIRMED
    assert {shop.available(1, product_id) for product_id in products} == {0}


def test_all_split_stock_can_be_listed(shop: Shop):
    assert [
        (store_id, stock.quantity) for store_id, stock in shop.wiring.inventory.resharding.all_split()
    ] == [(1, 10)]
