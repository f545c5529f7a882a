"""Lists as the repositories give them, on moto and on DynamoDB Local alike."""

from decimal import Decimal

from tests.support.shop import START, Shop


def test_products_come_by_id_after_the_last_one_seen_without_retired_ones(shop: Shop):
    for product_id in (3, 1, 2, 10):
        shop.add_product(product_id)
    shop.add_product(2, deleted_at=START)

    catalog = shop.wiring.catalog.repository
    assert [product.id for product in catalog.products(None, 10)] == [1, 3, 10]
    assert [product.id for product in catalog.products(1, 1)] == [3]


def test_products_of_a_category_come_from_its_index(shop: Shop):
    shop.add_product(1, category_id=1)
    shop.add_product(2, category_id=2, category_name="Books")
    shop.add_product(3, category_id=2, category_name="Books")

    assert [product.id for product in shop.wiring.catalog.repository.products(2, 10, category_id=2)] == [3]


def test_products_are_found_by_many_ids_at_once(shop: Shop):
    for product_id in range(1, 131):
        shop.add_product(product_id)

    found = shop.wiring.catalog.repository.products_by_id(range(1, 201))
    assert sorted(product.id for product in found) == list(range(1, 131))


def test_a_listing_follows_the_titles_and_goes_on_after_a_row(shop: Shop):
    shop.add_stock(1, 1, 5, "banana")
    shop.add_stock(1, 2, 5, "Apple")
    shop.add_stock(1, 3, 5, "cherry")

    stock = shop.wiring.inventory.stock
    first = stock.listing(1, None, 2)
    assert [(title_key, entry.product_id) for title_key, entry in first] == [("apple", 2), ("banana", 1)]
    assert [entry.product_id for _, entry in stock.listing(1, ("banana", 1), 10)] == [3]


def test_an_order_takes_titles_and_prices_from_memory_until_a_transaction_finds_them_outdated(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 1, 5, "Kettle", "25.00")
    allocator = shop.wiring.inventory.allocator

    def price() -> Decimal:
        return allocator.allocate(1, {1: 1}).products[1].price

    assert price() == Decimal("25.00")
    shop.add_stock(1, 1, 5, "Kettle", "20.00")
    assert price() == Decimal("25.00")

    assert shop.place(1, {1: 1}).amount == Decimal("20.00")
    assert price() == Decimal("20.00")


def test_prices_survive_storage_to_the_cent(shop: Shop):
    shop.add_product(1, price="99999999.99")
    shop.add_product(2, price="0.10")

    assert shop.wiring.catalog.repository.product(1).price == Decimal("99999999.99")
    assert str(shop.wiring.catalog.repository.product(2).price) == "0.10"
