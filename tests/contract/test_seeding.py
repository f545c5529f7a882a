"""Seeding a stage: what is missing is added, and what is there stays as it is."""

from infra.ops.seed.catalogue import FEATURED, Catalogue, Volumes
from infra.ops.seed.writer import SeedWriter
from tests.support.shop import Shop

SMALL = Volumes(categories=3, products=30, stores=2, stock_per_store=12)


def test_seeding_twice_adds_nothing_and_changes_nothing(shop: Shop):
    writer, catalogue, progress = SeedWriter(shop.wiring.platform.database), Catalogue(SMALL, 1), []

    assert writer.write(catalogue, progress.append) == SMALL.rows
    shop.place(1, {10: 4})
    assert writer.write(catalogue, lambda rows: None) == 0

    assert sum(progress) == SMALL.rows
    assert shop.quantity(1, 10) == FEATURED[10][3] - 4


def test_seeding_makes_one_version_of_the_catalogue_and_leaves_its_ids_to_its_own_products(shop: Shop):
    writer, catalogue = SeedWriter(shop.wiring.platform.database), Catalogue(SMALL, 1)
    for _ in range(2):
        writer.write(catalogue, lambda rows: None)

    assert shop.wiring.catalog.transactions.version() == 1
    assert shop.wiring.catalog.transactions.next_product_id() == SMALL.products + 1


def test_seeding_makes_up_for_the_version_that_an_interrupted_run_did_not_make(shop: Shop):
    writer, catalogue = SeedWriter(shop.wiring.platform.database), Catalogue(SMALL, 1)
    writer._write_rows(catalogue, lambda rows: None)

    assert writer.write(catalogue, lambda rows: None) == 0
    assert shop.wiring.catalog.transactions.version() == 1


def test_seeding_adds_only_what_is_missing(shop: Shop):
    writer = SeedWriter(shop.wiring.platform.database)
    writer.write(Catalogue(SMALL, 1), lambda rows: None)
    larger = Volumes(categories=3, products=30, stores=3, stock_per_store=12)

    assert writer.write(Catalogue(larger, 1), lambda rows: None) == 13
