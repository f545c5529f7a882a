"""Transactions: all writes or none, and a reason for each write that stood in the way."""

from decimal import Decimal

import pytest

from chalicelib.catalog.model import ProductCopy
from chalicelib.inventory.storage.tables import StockRow, copy_attributes
from chalicelib.platform.dynamodb.transaction import Reason, Transaction
from tests.support.shop import Shop

COPY = ProductCopy("Kettle", Decimal("25.00"), "Kitchen")


def take(shop: Shop, transaction: Transaction, product_id: int, units: int) -> int:
    return transaction.update(
        shop.stock_rows(1, product_id),
        [StockRow.quantity.set(StockRow.quantity - units)],
        StockRow.quantity >= units,
    )


@pytest.fixture(autouse=True)
def _stocked(shop: Shop) -> None:
    for product_id in (10, 11, 12):
        shop.add_stock(1, product_id, 5)


def quantities(shop: Shop) -> list[int]:
    return [shop.quantity(1, product_id) for product_id in (10, 11, 12)]


def test_all_writes_are_carried_out(shop: Shop):
    transaction = shop.wiring.platform.database.transaction()
    take(shop, transaction, 10, 1)
    take(shop, transaction, 11, 5)
    transaction.delete(shop.stock_rows(1, 12), StockRow.quantity == 5)

    assert not transaction.commit()
    assert (shop.quantity(1, 10), shop.quantity(1, 11)) == (4, 0)
    assert shop.wiring.platform.database.find(shop.stock_rows, 1, 12) is None


def test_nothing_is_carried_out_when_one_condition_fails_and_its_reason_carries_the_row(shop: Shop):
    transaction = shop.wiring.platform.database.transaction()
    fine, short = take(shop, transaction, 10, 1), take(shop, transaction, 11, 6)
    reasons = transaction.commit()

    assert reasons[fine] == Reason()
    assert reasons[short].condition_failed
    assert reasons[short].item["quantity"] == {"N": "5"}
    assert quantities(shop) == [5, 5, 5]


def test_reasons_have_the_numbers_of_their_writes_whatever_kind_they_are(shop: Shop):
    transaction = shop.wiring.platform.database.transaction()
    take(shop, transaction, 10, 1)
    check = transaction.check(shop.stock_rows, 1, 11, StockRow.quantity == 0)
    delete = transaction.delete(shop.stock_rows(1, 12), StockRow.quantity == 0)
    new = shop.stock_rows(1, 13, quantity=1, supplied=1, **copy_attributes(COPY))
    put = transaction.put(new, StockRow.quantity.exists())

    failed = [number for number, reason in enumerate(transaction.commit()) if reason.condition_failed]
    assert failed == [check, delete, put] == [1, 2, 3]


def test_a_row_that_is_not_there_fails_its_condition_without_an_item(shop: Shop):
    transaction = shop.wiring.platform.database.transaction()
    take(shop, transaction, 99, 1)

    (reason,) = transaction.commit()
    assert (reason.condition_failed, reason.item) == (True, None)


# moto takes every request for a new one.
@pytest.mark.parametrize("shop", ["dynamodb", "memory"], indirect=True)
def test_the_same_writes_under_the_same_token_are_carried_out_once(shop: Shop):
    for _ in range(2):
        transaction = shop.wiring.platform.database.transaction("a token that was drawn once")
        take(shop, transaction, 10, 1)
        assert not transaction.commit()
    assert shop.quantity(1, 10) == 4


def test_other_writes_under_the_same_token_are_another_transaction(shop: Shop):
    for units in (1, 2):
        transaction = shop.wiring.platform.database.transaction("a token")
        take(shop, transaction, 10, units)
        assert not transaction.commit()
    assert shop.quantity(1, 10) == 2
