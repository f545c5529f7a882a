"""Editing the catalogue: versions, ids, messages, and copies that follow; on moto and DynamoDB Local alike."""

from decimal import Decimal

import pytest

from chalicelib.catalog.model import Category
from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.catalog.storage.pending_edits import PendingEdit
from chalicelib.errors import InvalidInput, NotFound, Unavailable
from tests.support.shop import START, Shop


@pytest.fixture(autouse=True)
def _categories(shop: Shop) -> None:
    shop.add_category(1, "Electronics")
    shop.add_category(2, "Books")


def add(shop: Shop, title: str = "Kettle", category_id: int = 1):
    return shop.wiring.catalog.editor.add_product(
        title=title, description="Boils.", price=Decimal("25.00"), category_id=category_id
    )


def version(shop: Shop) -> int:
    return shop.wiring.catalog.transactions.version()


def pending(shop: Shop) -> list[PendingEdit]:
    return shop.wiring.catalog.pending_edits.due(2**40, 100)


def follow(shop: Shop, message: CatalogChanged, seconds: float = 60.0) -> None:
    shop.wiring.catalog.copy_propagation.follow(message, lambda: seconds)


def test_a_catalogue_that_nothing_changed_has_version_0(shop: Shop):
    assert version(shop) == 0


def test_each_change_makes_the_next_version_and_is_announced(shop: Shop):
    editor = shop.wiring.catalog.editor
    kettle = add(shop)
    editor.update_product(kettle.id, price=Decimal("20.00"))
    editor.retire_product(kettle.id)

    assert version(shop) == 3
    assert shop.changes.messages == [
        CatalogChanged(catalog_version=1),
        CatalogChanged(catalog_version=2, product_id=kettle.id),
        CatalogChanged(catalog_version=3),
    ]


def test_an_added_product_is_in_the_catalogue_as_it_was_given(shop: Shop):
    kettle = add(shop, category_id=2)
    assert shop.wiring.catalog.repository.product(kettle.id) == kettle
    assert kettle.category == Category(2, "Books")
    assert kettle.created_at == START


def test_only_what_is_given_of_a_product_changes(shop: Shop):
    kettle = add(shop)
    changed = shop.wiring.catalog.editor.update_product(kettle.id, title="Tea kettle", category_id=2)

    assert shop.wiring.catalog.repository.product(kettle.id) == changed
    assert (changed.title, changed.price, changed.category.name) == ("Tea kettle", Decimal("25.00"), "Books")
    assert changed.created_at == kettle.created_at


def test_a_change_to_what_a_product_already_is_makes_no_version(shop: Shop):
    kettle = add(shop)
    shop.wiring.catalog.editor.update_product(kettle.id, title="Kettle")
    assert version(shop) == 1


def test_a_description_has_no_copies_that_must_follow(shop: Shop):
    kettle = add(shop)
    shop.wiring.catalog.editor.update_product(kettle.id, description="Boils faster.")
    assert shop.changes.messages[-1] == CatalogChanged(catalog_version=2)
    assert pending(shop) == []


def test_a_retired_product_is_no_longer_there(shop: Shop):
    kettle = add(shop)
    shop.wiring.catalog.editor.retire_product(kettle.id)
    for change in (shop.wiring.catalog.editor.update_product, shop.wiring.catalog.editor.retire_product):
        with pytest.raises(NotFound):
            change(kettle.id)
    assert version(shop) == 2


@pytest.mark.parametrize("category_id", [3, 99])
def test_a_product_needs_a_category_that_is_there(shop: Shop, category_id: int):
    shop.add_category(3, "Gone", deleted_at=START)
    with pytest.raises(InvalidInput) as refused:
        add(shop, category_id=category_id)
    assert refused.value.fields.keys() == {"category_id"}
    assert version(shop) == 0


def test_a_queue_that_is_down_does_not_fail_a_change(shop: Shop):
    kettle = add(shop)
    shop.changes.down = True
    shop.wiring.catalog.editor.update_product(kettle.id, title="Tea kettle")

    assert shop.wiring.catalog.repository.product(kettle.id).title == "Tea kettle"
    assert [edit.version for edit in pending(shop)] == [2]


def test_ids_are_never_given_twice_and_never_those_of_products_that_came_otherwise(shop: Shop):
    shop.add_product(1)
    shop.add_product(41, deleted_at=START)
    assert [add(shop).id for _ in range(3)] == [42, 43, 44]

    shop.add_product(100)
    shop.wiring.catalog.transactions.skip_taken_ids()
    shop.wiring.catalog.transactions.skip_taken_ids()
    assert add(shop).id == 101


def test_an_edit_that_was_read_before_another_is_made_anew_from_what_the_other_left(shop: Shop):
    kettle = add(shop)
    catalog, editor = shop.wiring.catalog.repository, shop.wiring.catalog.editor
    read, interfere = catalog.edition, [lambda: editor.update_product(kettle.id, title="Tea kettle")]

    def edition(product_id: int):
        found = read(product_id)
        if interfere:
            interfere.pop()()
        return found

    catalog.edition = edition
    changed = editor.update_product(kettle.id, price=Decimal("20.00"))

    assert (changed.title, changed.price) == ("Tea kettle", Decimal("20.00"))
    assert version(shop) == 3


def test_copies_on_stock_rows_follow_an_edit(shop: Shop):
    for store_id in (1, 2, 3):
        shop.add_store(store_id)
        shop.add_stock(store_id, 10, 5, "iPhone 15", "1000.00")
        shop.add_stock(store_id, 11, 5, "Samsung TV", "1500.00")
    shop.wiring.catalog.editor.update_product(10, title="Apple phone", price=Decimal("900.00"), category_id=2)
    follow(shop, shop.changes.messages[-1])

    for store_id in (1, 2, 3):
        (_, first), (_, second) = shop.wiring.inventory.stock.listing(store_id, None, 10)
        assert (first.copy.title, first.copy.price) == ("Apple phone", Decimal("900.00"))
        assert (first.copy.category_name, first.quantity) == ("Books", 5)
        assert second.copy.title == "Samsung TV"
    assert pending(shop) == []
    order = shop.place(1, {10: 1})
    assert (order.lines[0].product_title, order.amount) == ("Apple phone", Decimal("900.00"))


def test_a_late_or_repeated_message_never_brings_an_older_edit_back(shop: Shop):
    shop.add_stock(1, 10, 5, "First", "10.00")
    shop.wiring.catalog.editor.update_product(10, title="Second")
    shop.wiring.catalog.editor.update_product(10, title="Third")
    second, third = shop.changes.messages

    for message in (third, second, third, second):
        follow(shop, message)
    assert shop.stock_rows.get(1, 10).title == "Third"
    assert shop.stock_rows.get(1, 10).product_version == 2

    edition = shop.wiring.catalog.repository.edition(10)
    assert not shop.wiring.inventory.stock.refresh_copy(1, edition.product, 1)
    assert pending(shop) == []


def test_the_copies_of_an_edit_follow_although_only_the_description_was_edited_after_it(shop: Shop):
    shop.add_stock(1, 10, 5, "First", "10.00")
    shop.wiring.catalog.editor.update_product(10, title="Second")
    shop.wiring.catalog.editor.update_product(10, description="Better.")
    follow(shop, shop.changes.messages[0])

    assert shop.stock_rows.get(1, 10).title == "Second"
    assert pending(shop) == []


def test_copying_that_runs_out_of_time_goes_on_where_it_stopped(shop: Shop):
    shop.rewire(page_size=2)
    for store_id in range(1, 6):
        shop.add_stock(store_id, 10, 5, "First", "10.00")
    shop.wiring.catalog.editor.update_product(10, title="Second")
    first = shop.changes.messages[-1]
    time_left = [1.0, 0.0]
    shop.wiring.catalog.copy_propagation.follow(first, lambda: time_left.pop(0))

    rest = shop.changes.messages[-1]
    assert rest == CatalogChanged(catalog_version=1, product_id=10, after_store_id=2)
    assert [shop.stock_rows.get(store_id, 10).title for store_id in (2, 3)] == ["Second", "First"]
    assert len(pending(shop)) == 1

    follow(shop, rest)
    assert {shop.stock_rows.get(store_id, 10).title for store_id in range(1, 6)} == {"Second"}
    assert pending(shop) == []


def test_copying_that_cannot_queue_its_rest_fails_and_is_still_pending(shop: Shop):
    shop.add_stock(1, 10, 5, "First", "10.00")
    shop.wiring.catalog.editor.update_product(10, title="Second")
    shop.changes.down = True
    with pytest.raises(Unavailable):
        follow(shop, shop.changes.messages[-1], seconds=0.0)
    assert len(pending(shop)) == 1


def test_the_copies_of_a_product_that_was_retired_meanwhile_need_not_follow(shop: Shop):
    shop.add_stock(1, 10, 5, "First", "10.00")
    shop.wiring.catalog.editor.update_product(10, title="Second")
    shop.wiring.catalog.editor.retire_product(10)
    follow(shop, shop.changes.messages[0])
    assert pending(shop) == []
