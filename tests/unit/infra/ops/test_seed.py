from decimal import Decimal

from infra.ops.seed.catalogue import FEATURED, Catalogue, Volumes
from infra.ops.seed.vocabulary import BRANDS, CITIES, RANGES, SERIES
from infra.ops.seed.writer import SeedWriter
from tests.support.shop import Shop

DEFAULT = Catalogue(Volumes(), seed=2025)
SMALL = Volumes(categories=3, products=30, stores=2, stock_per_store=12)


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


def test_seeding_twice_adds_nothing_and_changes_nothing(moto_shop: Shop):
    writer, catalogue, progress = SeedWriter(moto_shop.wiring.platform.database), Catalogue(SMALL, 1), []

    assert writer.write(catalogue, progress.append) == SMALL.rows
    moto_shop.place(1, {10: 4})
    assert writer.write(catalogue, lambda rows: None) == 0

    assert sum(progress) == SMALL.rows
    assert moto_shop.quantity(1, 10) == FEATURED[10][3] - 4


def test_seeding_makes_one_version_of_the_catalogue_and_leaves_its_ids_to_its_own_products(moto_shop: Shop):
    writer, catalogue = SeedWriter(moto_shop.wiring.platform.database), Catalogue(SMALL, 1)
    for _ in range(2):
        writer.write(catalogue, lambda rows: None)

    assert moto_shop.wiring.catalog.transactions.version() == 1
    assert moto_shop.wiring.catalog.transactions.next_product_id() == SMALL.products + 1


def test_seeding_makes_up_for_the_version_that_an_interrupted_run_did_not_make(moto_shop: Shop):
    writer, catalogue = SeedWriter(moto_shop.wiring.platform.database), Catalogue(SMALL, 1)
    writer._write_rows(catalogue, lambda rows: None)

    assert writer.write(catalogue, lambda rows: None) == 0
    assert moto_shop.wiring.catalog.transactions.version() == 1


def test_seeding_adds_only_what_is_missing(moto_shop: Shop):
    writer = SeedWriter(moto_shop.wiring.platform.database)
    writer.write(Catalogue(SMALL, 1), lambda rows: None)
    larger = Volumes(categories=3, products=30, stores=3, stock_per_store=12)

    assert writer.write(Catalogue(larger, 1), lambda rows: None) == 13
