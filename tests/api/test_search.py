"""Product search and suggestions (contract, "Search")."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib.errors import Unavailable
from chalicelib.search.engine.index import SearchIndex, build
from chalicelib.search.model import IndexedProduct
from chalicelib.search.product_search import ProductSearch
from tests.simulator.faults import Faults
from tests.support.api import Api
from tests.support.shop import Shop


@dataclass
class Index:
    """The live index of a test: what the shop held when it was built, or nothing."""

    shop: Shop
    folder: Path
    index: SearchIndex | None = None

    def current(self) -> SearchIndex:
        if self.index is None:
            raise Unavailable("no snapshot")
        return self.index

    def rebuild(self) -> None:
        rows = list(self.shop.stock_rows.scan())
        carried = {
            int(product.id): [row for row in rows if row.product_id == product.id]
            for product in self.shop.products.query("product")
        }
        products = [
            IndexedProduct(
                id=product.id,
                title=product.title,
                description=product.description,
                price=product.price,
                category_id=product.category.id,
                category_name=product.category.name,
                created_at=product.created_at,
                carried_by=tuple(int(row.store_id) for row in carried[product.id]),
                in_stock_at=tuple(int(row.store_id) for row in carried[product.id] if row.quantity),
            )
            for product in self.shop.wiring.catalog.repository.products(None, 10_000)
        ]
        folder = self.folder / str(len(list(self.folder.iterdir())))
        folder.mkdir()
        build(products, folder)
        self.index = SearchIndex.open(folder)


@pytest.fixture
def index(shop: Shop, tmp_path: Path) -> Index:
    index = Index(shop, tmp_path)
    shop.rewire(live_index=index)
    shop.add_stock(1, 12, 0, "iPhone 15 Pro", "1200.00")
    shop.add_stock(1, 13, 3, "iPhone Charger Adapter", "19.00")
    shop.add_product(14, "Kettle", "25.00", category_id=2, category_name="Home & Kitchen")
    index.rebuild()
    return index


@pytest.fixture
def search(api: Api, index: Index):
    return lambda query="": api.get(f"/api/search/products?{query}")


def ids(answer) -> list[int]:
    return [result["id"] for result in answer.json["results"]]


def test_the_example_of_the_shop_floor(search):
    answer = search("q=iphone&store_id=1&in_stock=true")

    assert answer.status == 200
    assert answer.json == {
        "count": 2,
        "page": 1,
        "page_size": 20,
        "results": [
            {
                "id": 10,
                "title": "iPhone 15",
                "description": "Good.",
                "price": "1000.00",
                "category_name": "Electronics",
                "quantity": 7,
            },
            {
                "id": 13,
                "title": "iPhone Charger Adapter",
                "description": "Good.",
                "price": "19.00",
                "category_name": "Electronics",
                "quantity": 3,
            },
        ],
    }


def test_without_a_store_quantities_are_unknown(search):
    assert {result["quantity"] for result in search("q=iphone").json["results"]} == {None}


def test_with_a_store_products_it_does_not_carry_have_none(search):
    quantities = {result["id"]: result["quantity"] for result in search("store_id=1").json["results"]}
    assert quantities == {10: 7, 11: 3, 12: 0, 13: 3, 14: 0}


def test_what_is_out_of_stock_can_be_asked_for_too(search):
    assert ids(search("store_id=1&in_stock=false&sort=price")) == [14, 12]
    assert ids(search("in_stock=false&sort=price")) == [14, 12]
    assert ids(search("in_stock=true&sort=price")) == [13, 10, 11]


def test_the_last_unit_is_gone_from_search_the_moment_it_is_ordered(api: Api, search):
    assert search("q=charger&store_id=1&in_stock=true").json["count"] == 1
    items = [{"product_id": 13, "quantity_requested": 3}]
    assert api.post("/orders", {"store_id": 1, "items": items}).status == 201

    answer = search("q=charger&store_id=1&in_stock=true")
    assert (answer.json["count"], answer.json["results"]) == (0, [])
    assert search("q=charger&store_id=1").json["results"][0]["quantity"] == 0
    assert ids(search("q=charger&store_id=1&in_stock=false")) == [13]


def test_stock_that_came_in_since_the_snapshot_is_found(search, shop: Shop):
    shop.add_stock(1, 12, 5, "iPhone 15 Pro", "1200.00")
    assert 12 in ids(search("q=iphone&store_id=1&in_stock=true"))


def test_a_large_answer_is_filtered_by_live_stock_and_refilled(search, shop: Shop, index: Index):
    inventory = shop.wiring.inventory
    shop.rewire(
        product_search=ProductSearch(index.current, inventory.stock, inventory.stores, exact_matches=2)
    )
    shop.add_stock(1, 10, 0, "iPhone 15", "1000.00")

    answer = search("store_id=1&in_stock=true&sort=price&page_size=2")
    assert ids(answer) == [13, 11]
    assert answer.json["count"] == 3, "the count of a large answer may lag by one snapshot"


def test_pages_follow_each_other_and_end(search):
    pages = [ids(search(f"sort=price&page_size=2&page={page}")) for page in (1, 2, 3, 4)]
    assert pages == [[13, 14], [10, 12], [11], []]
    assert search("page=9007199254740991&page_size=100").json["results"] == []
    assert search("q=iphone&store_id=1&in_stock=true&page=2").json == {
        "count": 2, "page": 2, "page_size": 20, "results": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=title", [10, 12, 13, 14, 11]),
        ("", [10, 12, 13, 14, 11]),
        ("sort=price", [13, 14, 10, 12, 11]),
        ("sort=price_desc", [11, 12, 10, 14, 13]),
        ("q=phone", [10, 12, 13]),
        ("q=IPHONE+pro", [12]),
        ("category=2", [14]),
        ("category=home+%26+kitchen", [14]),
        ("category=99", []),
        ("price_min=25&price_max=1000&sort=price", [14, 10]),
        ("min_price=25&max_price=1000.00&sort=price", [14, 10]),
        ("q=kettle&category=1", []),
    ],
)
def test_what_is_found_and_in_which_order(search, query: str, expected: list[int]):
    answer = search(query)
    assert ids(answer) == expected
    assert answer.json["count"] == len(expected)


def test_a_typo_is_forgiven_and_the_answer_says_so(search):
    answer = search("q=kettel")
    assert ids(answer) == [14]
    assert answer.json["corrected"] == "kettle"
    assert "corrected" not in search("q=kettle").json


@pytest.mark.parametrize(
    "query",
    [
        "price_min=abc", "price_min=-1", "price_min=", "price_max=1e400", "price_max=NaN", "min_price=1_0",
        "max_price=1.005", "store_id=0", "store_id=x", "store_id=", "in_stock=yes", "in_stock=", "in_stock=True",
        "sort=foo", "sort=", "page=0", "page=-1", "page=x", "page=1.5", "page_size=0", "page_size=101", "page_size=",
        "category=", "category=" + "x" * 256, "q=" + "x" * 1001,
    ],
)  # fmt: skip
def test_every_wrong_parameter_is_named(search, query: str):
    answer = search(query)
    assert answer.status == 400
    assert list(answer.json["errors"]) == [query.split("=")[0]]


@pytest.mark.parametrize(
    "q",
    ["a.*", '"', "title:x", "*", "%5C", "(", "[a-z]", "AND", "%F0%9F%98%80", "%D8%A7%D9%84", "e%CC%81", "%00", "x" * 1000,
     "+".join("a" * 400), "~1", "-", "^2", "{", "%FF"],
)  # fmt: skip
def test_whatever_is_typed_is_plain_text(search, api: Api, q: str):
    assert search(f"q={q}").status == 200
    assert api.get(f"/api/search/suggest?q=xxx{q[:900]}").status == 200


def test_suggestions_for_the_beginning_of_a_word(api: Api, index: Index):
    expected = {"suggestions": ["iPhone 15", "iPhone 15 Pro", "iPhone Charger Adapter"]}
    assert api.get("/api/search/suggest/?q=iph").json == expected
    assert api.get("/api/search/suggest?q=hone").json == expected
    assert api.get("/api/search/suggest?q=zzz").json == {"suggestions": []}


@pytest.mark.parametrize("query", ["", "q=", "q=ip", "q=%20ip%20", "q=" + "x" * 1001])
def test_suggestions_need_three_characters(api: Api, index: Index, query: str):
    answer = api.get(f"/api/search/suggest?{query}")
    assert answer.status == 400
    assert list(answer.json["errors"]) == ["q"]


def test_an_address_gets_twenty_suggestions_a_minute(api: Api, index: Index, shop: Shop):
    statuses = [api.get("/api/search/suggest?q=iph").status for _ in range(21)]
    assert statuses == [200] * 20 + [429]


def test_suggestions_read_nothing_from_the_database(api: Api, index: Index, shop: Shop):
    faults = Faults(shop.wiring.platform.database)
    for operation in ("GetItem", "BatchGetItem", "Query", "Scan"):
        faults.on(operation)
    api.get("/api/search/suggest?q=iph")
    assert faults.requests == []


def test_a_page_reads_its_stock_in_one_call(api: Api, search, shop: Shop):
    faults = Faults(shop.wiring.platform.database)
    for operation in ("GetItem", "BatchGetItem", "Query", "Scan"):
        faults.on(operation)
    search("q=iphone&store_id=1")
    assert len(faults.requests) == 1


def test_without_any_index_search_asks_for_patience(api: Api, index: Index):
    index.index = None
    for path in ("/api/search/products", "/api/search/suggest?q=iph"):
        answer = api.get(path)
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) >= 1


def test_limits_are_settings(api: Api, index: Index, shop: Shop):
    shop.rewire(settings={"suggest_rate_limit_max_request": 0})
    assert {api.get("/api/search/suggest?q=iph").status for _ in range(25)} == {200}


@pytest.mark.parametrize(
    "query", ["q=iphone", "q=iphone&in_stock=true", "q=iphone&in_stock=false", "q=no-such-word"]
)
def test_an_unknown_store_is_not_found_and_a_store_without_the_products_finds_them_with_none(
    search, shop: Shop, query: str
):
    shop.add_store(2)
    answer = search(f"{query}&store_id=2")
    assert answer.status == 200
    assert {result["quantity"] for result in answer.json["results"]} <= {0}

    unknown = search(f"{query}&store_id=99")
    assert (unknown.status, unknown.json["code"]) == (404, "not_found")
