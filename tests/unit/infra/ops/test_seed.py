from decimal import Decimal

from infra.ops.seed.catalogue import FEATURED, Catalogue, Volumes
from infra.ops.seed.vocabulary import BRANDS, CITIES, RANGES, SERIES

DEFAULT = Catalogue(Volumes(), seed=2025)


def test_the_examples_products_have_their_numbers_titles_and_prices():
    phone, television = DEFAULT.product(10), DEFAULT.product(11)
    assert (phone.title, phone.price, phone.category.name) == ("iPhone 15", Decimal("1000.00"), "Electronics")
    assert (television.title, television.price) == ("Samsung TV", Decimal("1500.00"))
    assert television.category.name == "Electronics"
    assert {"iPhone 15 Pro", "iPhone Charger Adapter"} <= {product.title for product in DEFAULT.products()}


def test_the_default_volumes_are_what_was_promised():
    assert len(list(DEFAULT.categories())) == 12
    assert len(list(DEFAULT.products())) == 1200
    assert len(list(DEFAULT.stores())) == 20
    assert all(len(list(DEFAULT.stock(store.id))) == 320 for store in DEFAULT.stores())


def test_titles_are_all_different_and_prices_are_positive_amounts():
    products = list(Catalogue(Volumes(products=20_000), seed=1).products())
    assert len({product.title for product in products}) == len(products)
    for product in products:
        assert product.price > 0
        assert product.price == product.price.quantize(Decimal("0.01"))


def test_titles_stay_different_when_the_words_run_out():
    catalogue = Catalogue(Volumes(categories=1), seed=1)
    kinds = 10 * len(BRANDS) * len(SERIES) * 10
    assert catalogue.product(20).title + ", Edition 2" == catalogue.product(20 + kinds).title


def test_stock_is_mixed_plenty_a_few_and_none():
    quantities = [stock.quantity for stock in DEFAULT.stock(2)]
    assert quantities.count(0) > 10
    assert sum(1 <= quantity <= 5 for quantity in quantities) > 10
    assert sum(quantity >= 20 for quantity in quantities) > 100


def test_store_1_has_what_the_examples_order():
    stock = {stock.product_id: stock.quantity for stock in DEFAULT.stock(1)}
    assert stock.items() >= {number: quantity for number, (*_, quantity) in FEATURED.items()}.items()


def test_the_same_seed_gives_the_same_shops_and_another_gives_others():
    again, other = Catalogue(Volumes(), seed=2025), Catalogue(Volumes(), seed=7)
    assert list(again.products()) == list(DEFAULT.products())
    assert list(again.stock(3)) == list(DEFAULT.stock(3))
    assert list(other.products()) != list(DEFAULT.products())


def test_every_range_has_ten_things_and_ten_variants():
    assert all(len(shelf.things) == len(set(shelf.variants)) == 10 for shelf in RANGES)
    assert len(set(CITIES)) == 20
