"""Customers cannot tell split stock from stock in one row: every route answers the same, byte for byte."""

import re
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace

import pytest
from botocore.session import get_session

from chalicelib.wiring import rewire
from infra.stack.template import create_tables
from tests.support.api import Answer, Api
from tests.support.people import bearer
from tests.support.search import index_of
from tests.support.settings import settings_of
from tests.support.shop import Shop

# What is random in an answer: the id of an order in its two forms, and that of the request;
# and the seconds that are left of a limit's window.
_RANDOM = re.compile(rb'"(id|uid|order_id|request_id)":("[0-9A-Za-z-]{11,}"|[0-9]{10,})')
_RANDOM_HEADERS = {"x-request-id", "ratelimit"}

Seen = list[tuple[int, bytes, dict[str, str]]]


@pytest.fixture(autouse=True)
def _unwired() -> Iterator[None]:
    yield
    rewire(None)


def history(shop: Shop, shards: dict[int, int]) -> Seen:
    """Return the answers to one history of a shop, the stock of some products split over so many rows."""
    shop.add_category(1, "Electronics")
    shop.add_store(1, "Stockroom Amsterdam")
    shop.add_stock(1, 10, 9, "iPhone 15", "1000.00")
    shop.add_stock(1, 11, 3, "Samsung TV", "1500.00")
    shop.add_stock(1, 12, 0, "iPhone 15 Pro", "1200.00")
    for product_id, number in shards.items():
        shop.split_stock(1, product_id, number)
    live = SimpleNamespace(index=None, current=lambda: live.index)
    shop.rewire(live_index=live)
    api, me, seen = Api(shop.wiring), bearer(shop.wiring), []

    def note(answer: Answer) -> Answer:
        content = _RANDOM.sub(rb'"\1":"?"', answer.body)
        headers = {name: value for name, value in answer.headers.items() if name not in _RANDOM_HEADERS}
        seen.append((answer.status, content, headers))
        return answer

    def order(wanted: dict[int, int], **headers: str) -> Answer:
        shop.clock.advance(1)
        items = [{"product_id": product, "quantity_requested": units} for product, units in wanted.items()]
        return note(api.post("/orders", {"store_id": 1, "items": items}, headers=me | headers))

    def look() -> None:
        live.index = index_of(shop.wiring.search.source.products())
        note(api.get("/stores/1/inventory"))
        note(api.get("/stores/1/inventory?limit=2"))
        note(api.get("/orders/store/1"))
        note(api.get("/orders", me))
        for query in ("", "q=iphone", "in_stock=true", "in_stock=false", "sort=price"):
            note(api.get(f"/api/search/products?store_id=1&{query}"))
            note(api.get(f"/api/search/products?{query}"))

    look()
    first = order({10: 2, 11: 1}, **{"Idempotency-Key": "basket"})
    order({10: 2, 11: 1}, **{"Idempotency-Key": "basket"})
    order({10: 8, 12: 1})
    order({10: 7})
    look()
    order({10: 1, 11: 2})
    note(api.patch(f"/orders/{first.json['uid']}/cancel", me))
    note(api.patch(f"/orders/{first.json['uid']}/cancel", me))
    note(api.get(f"/orders/{first.json['uid']}", me))
    look()
    shop.wiring.catalog.editor.update_product(10, title="iPhone 15 (2026)", price=Decimal("900.00"))
    shop.wiring.catalog.copy_propagation.follow(shop.changes.messages[-1], lambda: 60.0)
    order({10: 1, 11: 3})
    order({10: 1})
    order({11: 1})
    look()
    return seen


@pytest.mark.parametrize("shards", [{10: 8}, {10: 2, 11: 50, 12: 3}])
def test_a_split_product_answers_as_one_in_a_single_row(moto_shop: Shop, shards: dict[int, int]):
    expected = history(moto_shop, {})
    create_tables(get_session().create_client("dynamodb", region_name="us-east-1"), "split")
    split = Shop(settings_of("split"))
    answers = history(split, shards)

    assert {status for status, _, _ in expected} == {200, 201, 409}
    assert [row.shards is not None for row in split.stock_rows.query(1)] == [
        product_id in shards for product_id in (10, 11, 12)
    ]
    assert answers == expected


def test_a_part_is_no_store_to_anybody(moto_shop: Shop):
    moto_shop.add_store(1)
    moto_shop.add_stock(1, 10, 9)
    moto_shop.split_stock(1, 10, 2)
    api = Api(moto_shop.wiring)
    items = [{"product_id": 10, "quantity_requested": 1}]

    assert api.get("/stores/-101/inventory").status == 404
    assert api.post("/orders", {"store_id": -101, "items": items}).status == 400
    assert moto_shop.available(1, 10) == 9
