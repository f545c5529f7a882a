"""The catalogue, stores and inventory over HTTP."""

import re

import pytest

from tests.support.api import Api
from tests.support.shop import START, Shop

pytestmark = pytest.mark.usefixtures("shop")


def test_a_product_shows_its_category_and_its_price_as_text(api: Api):
    assert api.get("/products/10").json == {
        "id": 10,
        "title": "iPhone 15",
        "description": "Good.",
        "price": "1000.00",
        "category": {"id": 1, "name": "Electronics"},
        "created_at": "2026-03-01T12:00:00Z",
    }


def test_an_unknown_or_retired_product_is_not_found(api: Api, shop: Shop):
    shop.add_product(12, deleted_at=START)
    assert api.get("/products/12").status == 404
    assert api.get("/products/404").status == 404


def test_products_are_listed_by_id_and_page_by_page(api: Api, shop: Shop):
    for product_id in range(20, 25):
        shop.add_product(product_id)
    shop.add_product(22, deleted_at=START)
    ids, path = [], "/products?limit=2"
    while path:
        answer = api.get(path)
        ids.append([product["id"] for product in answer.json])
        link = answer.headers.get("link")
        path = link and re.fullmatch(r'<(.*)>; rel="next"', link)[1]

    assert ids == [[10, 11], [20, 21], [23, 24]]


def test_products_of_one_category(api: Api, shop: Shop):
    shop.add_product(20, category_id=2, category_name="Books")
    shop.add_product(21, category_id=2, category_name="Books")

    assert [product["id"] for product in api.get("/products?category=2").json] == [20, 21]
    first = api.get("/products?category=2&limit=1")
    assert "category=2" in first.headers["link"]
    assert api.get("/products?category=3").json == []


def test_categories_and_stores_are_listed(api: Api):
    assert api.get("/categories").json == [{"id": 1, "name": "Electronics"}]
    store = {"id": 1, "name": "Stockroom Amsterdam", "location": "Main Street"}
    assert api.get("/stores").json == [store]
    assert api.get("/stores/1").json == store


def test_a_retired_store_is_not_shown(api: Api, shop: Shop):
    shop.add_store(2, deleted_at=START)
    assert api.get("/stores/2").status == 404
    assert [store["id"] for store in api.get("/stores").json] == [1]


def test_inventory_is_sorted_by_title_without_regard_to_case(api: Api, shop: Shop):
    shop.add_stock(1, 5, 0, "apple juice", "2.50")
    shop.add_stock(1, 6, 1, "Zebra", "3.00")
    shop.add_stock(1, 7, 2, "Öl", "4.00")

    answer = api.get("/stores/1/inventory")

    titles = [stock["product_title"] for stock in answer.json]
    assert titles == ["apple juice", "iPhone 15", "Samsung TV", "Zebra", "Öl"]
    assert answer.json[0] == {
        "id": 5,
        "product_title": "apple juice",
        "price": "2.50",
        "category_name": "Electronics",
        "quantity": 0,
    }


def test_inventory_is_paged_even_among_equal_titles(api: Api, shop: Shop):
    for product_id in range(20, 25):
        shop.add_stock(1, product_id, 1, "Kettle")
    seen, path = [], "/stores/1/inventory?limit=2"
    while path:
        answer = api.get(path)
        seen += [stock["id"] for stock in answer.json]
        link = answer.headers.get("link")
        path = link and re.fullmatch(r'<(.*)>; rel="next"', link)[1]

    assert sorted(seen) == [10, 11, 20, 21, 22, 23, 24]


def test_inventory_shows_the_quantity_after_an_order_at_once(api: Api):
    api.post("/orders", {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 3}]})
    quantities = {stock["id"]: stock["quantity"] for stock in api.get("/stores/1/inventory").json}
    assert quantities == {10: 4, 11: 3}


def test_the_inventory_of_a_store_with_nothing_is_empty(api: Api, shop: Shop):
    shop.add_store(2)
    assert api.get("/stores/2/inventory").json == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/health",
        "/products",
        "/products/10",
        "/categories",
        "/stores",
        "/stores/1",
        "/stores/1/inventory",
    ],
)
def test_every_read_works_with_and_without_its_trailing_slash(api: Api, path: str):
    plain, slashed = api.get(path), api.get(path.rstrip("/") + "/")
    assert plain.status == slashed.status == 200
    assert plain.body == slashed.body
