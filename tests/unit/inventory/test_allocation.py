"""What an allocation makes of the reasons for which a transaction was cancelled."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from chalicelib.catalog.model import Category, Product, ProductCopy
from chalicelib.errors import NotFound, UnknownProducts
from chalicelib.inventory.allocation import StockAllocator
from chalicelib.inventory.model import Stock
from chalicelib.platform.dynamodb.transaction import Reason
from chalicelib.platform.runtime import Runtime
from tests.support.shop import START

FAILED, CONTENDED, HELD = "ConditionalCheckFailed", "TransactionConflict", None
STORE = 1


def copy(product_id: int) -> ProductCopy:
    return ProductCopy(f"Product {product_id}", Decimal("10.00"), "Electronics")


class FakeStock:
    """Stands in for the stock rows, without a database; remembers what was read."""

    def __init__(self, quantities: dict[int, int]) -> None:
        self.read: list[set[int]] = []
        self.writes: list[int] = []
        self.becomes(quantities)

    def becomes(self, quantities: dict[int, int]) -> None:
        self.stock = {number: Stock(number, copy(number), units) for number, units in quantities.items()}

    def levels(self, store_id: int, product_ids: Iterable[int]) -> dict[int, Stock]:
        self.read.append(set(product_ids))
        return {number: self.stock[number] for number in product_ids if number in self.stock}

    def take(self, transaction, store_id, product_id, units, copy, shard) -> int:
        self.writes.append(product_id)
        return len(self.writes) - 1

    def seen_by(self, reason: Reason, shard: int) -> Stock | None:
        return reason.item and self.stock[int(reason.item["product_id"]["N"])]


class FakeStores:
    def store(self, store_id: int) -> None:
        if store_id != STORE:
            raise NotFound("no such store")


class FakeCatalog:
    def products_by_id(self, product_ids: Iterable[int]) -> list[Product]:
        return [
            Product(number, f"Product {number}", "", Decimal("10.00"), Category(1, "Electronics"), START)
            for number in product_ids
            if number < 100
        ]


class FakeTime:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def allocator_of(stock: FakeStock, time: FakeTime | None = None) -> StockAllocator:
    return StockAllocator(stock, None, FakeStores(), FakeCatalog(), Runtime(monotonic=time or FakeTime()))


def refused(stock: FakeStock, wanted: dict[int, int], codes: list[str | None], seen: bool = True):
    """Allocate stock while there is enough, and have the transaction refused for these reasons."""
    left = {number: entry.quantity for number, entry in stock.stock.items()}
    stock.becomes(dict.fromkeys(left, 100))
    allocation = allocator_of(stock).allocate(STORE, wanted)
    allocation.add_to(None)
    stock.becomes(left)
    stock.read.clear()
    reasons = [
        Reason(code, {"product_id": {"N": str(number)}} if code == FAILED and seen else None)
        for number, code in zip(wanted, codes, strict=True)
    ]
    return allocation.after(reasons)


def test_nothing_is_read_for_products_that_are_remembered():
    stock = FakeStock({10: 5, 11: 5})
    allocator = allocator_of(stock)
    allocator.allocate(STORE, {10: 1, 11: 1})
    allocation = allocator.allocate(STORE, {11: 2})

    assert stock.read == [{10, 11}]
    assert (allocation.products, allocation.available) == ({11: copy(11)}, None)


def test_a_product_that_the_store_does_not_carry_has_title_and_price_from_the_catalogue_and_none_available():
    allocation = allocator_of(FakeStock({10: 5})).allocate(STORE, {10: 1, 11: 2})

    assert allocation.products == {10: copy(10), 11: copy(11)}
    assert allocation.available == {10: 5}


def test_a_product_of_no_catalogue_is_unknown():
    with pytest.raises(UnknownProducts) as unknown:
        allocator_of(FakeStock({10: 5})).allocate(STORE, {10: 1, 100: 1})
    assert unknown.value.product_ids == {100}


def test_a_store_that_does_not_exist_is_not_found():
    with pytest.raises(NotFound):
        allocator_of(FakeStock({})).allocate(2, {10: 1})


def test_what_a_failed_condition_saw_is_available_and_nothing_is_read():
    stock = FakeStock({10: 1, 11: 5})
    allocation = refused(stock, {10: 2, 11: 3}, [FAILED, HELD])

    assert allocation.available == {10: 1, 11: 3}
    assert stock.read == []


def test_what_contention_hid_is_read_when_the_order_is_short_anyway():
    stock = FakeStock({10: 1, 11: 2})
    allocation = refused(stock, {10: 2, 11: 3}, [FAILED, CONTENDED])

    assert allocation.available == {10: 1, 11: 2}
    assert stock.read == [{11}]


def test_what_contention_hid_is_not_read_when_nothing_is_short():
    stock = FakeStock({10: 9, 11: 2})
    allocation = refused(stock, {10: 2, 11: 3}, [FAILED, CONTENDED])

    assert allocation.available == {10: 9, 11: 3}
    assert stock.read == []


def test_stock_that_is_gone_or_seen_in_part_is_read():
    stock = FakeStock({10: 4, 11: 2})
    allocation = refused(stock, {10: 2, 11: 3}, [FAILED, FAILED], seen=False)

    assert allocation.available == {10: 4, 11: 2}
    assert stock.read == [{10, 11}]


class SoldOut:
    """A process that has just seen two units of product 10, where an order wanted three."""

    def __init__(self) -> None:
        self.stock, self.time = FakeStock({10: 3, 11: 5}), FakeTime()
        self.allocator = allocator_of(self.stock, self.time)
        allocation = self.allocator.allocate(STORE, {10: 3, 11: 1})
        allocation.add_to(None)
        self.stock.becomes({10: 2, 11: 5})
        seen = Reason(FAILED, {"product_id": {"N": "10"}})
        assert allocation.after([seen, Reason(HELD, None)]).available == {10: 2, 11: 1}
        self.stock.read.clear()


@pytest.fixture
def sold_out() -> SoldOut:
    return SoldOut()


def test_what_was_just_seen_short_is_read_with_all_that_the_order_wants(sold_out: SoldOut):
    allocation = sold_out.allocator.allocate(STORE, {10: 4, 11: 9})

    assert allocation.available == {10: 2, 11: 5}
    assert allocation.products == {10: copy(10), 11: copy(11)}
    assert sold_out.stock.read == [{10, 11}]


def test_an_order_is_never_rejected_from_memory_when_there_is_enough_again(sold_out: SoldOut):
    sold_out.stock.becomes({10: 3, 11: 5})

    assert sold_out.allocator.allocate(STORE, {10: 3}).available is None
    assert sold_out.stock.read == [{10}]


def test_an_order_of_no_more_than_was_seen_is_tried_at_once(sold_out: SoldOut):
    assert sold_out.allocator.allocate(STORE, {10: 2}).available is None
    assert sold_out.stock.read == []


def test_each_look_that_finds_too_little_counts_for_another_second(sold_out: SoldOut):
    for _ in range(5):
        sold_out.time.now += 0.9
        assert sold_out.allocator.allocate(STORE, {10: 3}).available == {10: 2}
    assert len(sold_out.stock.read) == 5


def test_after_a_second_without_orders_the_transaction_is_tried_again(sold_out: SoldOut):
    sold_out.time.now += 1.0

    assert sold_out.allocator.allocate(STORE, {10: 3}).available is None
    assert sold_out.stock.read == []


def test_what_is_short_at_first_sight_needs_no_transaction_and_one_read():
    stock = FakeStock({10: 2})

    assert allocator_of(stock).allocate(STORE, {10: 3}).available == {10: 2}
    assert stock.read == [{10}]


def test_a_product_that_the_store_no_longer_carries_is_short(sold_out: SoldOut):
    sold_out.stock.becomes({11: 5})

    assert sold_out.allocator.allocate(STORE, {10: 3, 11: 1}).available == {11: 5}
